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
