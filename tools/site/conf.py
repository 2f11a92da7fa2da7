"""How Sphinx makes the site of the lessons; `build.py` gives it executed notebooks."""

project = "Space Silk Road notebooks"
copyright = "the Space Silk Road notebooks contributors, CC BY 4.0 (prose and data), MIT (code)"
extensions = ["myst_nb"]
nb_execution_mode = "off"  # build.py ran them, and recorded their views in the same kernel
nb_merge_streams = True
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Space Silk Road"
html_css_files = ["silkroad/widget.css", "silkroad/site.css"]
html_js_files = ["silkroad/player.js"]
html_static_path = []
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # it would fetch pages, which a page from the disk may not
# Colours of code that axe accepts, in light and in dark.
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

# All that a page needs lies beside it, also on a disk (file:); nothing else is fetched.
NEAR = "'self' file:"
POLICY = f"default-src {NEAR}; script-src {NEAR} 'unsafe-inline'; style-src {NEAR} 'unsafe-inline'"
POLICY += f"; img-src {NEAR} data:; font-src {NEAR} data:; connect-src 'none'; object-src 'none'"
POLICY += "; base-uri 'none'"


def setup(app):
    """Put the policy at the head of every page."""
    tag = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}" />'

    def add(app, page, template, context, doctree):
        context["metatags"] = tag + context.get("metatags", "")

    app.connect("html-page-context", add)
