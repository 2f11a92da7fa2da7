"""How Sphinx makes the site of the lessons; `build.py` gives it executed notebooks."""

import hashlib
import json
import re
from html import unescape
from pathlib import Path

from docutils import nodes

project = "Space Silk Road notebooks"
copyright = "the Space Silk Road notebooks contributors, CC BY 4.0 (prose and data), MIT (code)"
extensions = ["myst_nb", "sphinx_copybutton"]
nb_execution_mode = "off"  # build.py ran them, and recorded their views in the same kernel
nb_merge_streams = True
myst_heading_anchors = 4
exclude_patterns = ["_static"]  # files to take along, not pages
html_theme = "furo"
html_title = "Space Silk Road"
html_css_files = ["silkroad/widget.css", "silkroad/site.css"]
html_js_files = ["silkroad/player.js"]  # Sphinx adds a version to the address
html_static_path = []
templates_path = ["templates"]
html_use_index = False  # it would be an empty page
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


SECTIONS = {}  # page: [[anchor, heading, text], ...], for the search


def sections(doctree):
    """Return [anchor, heading, text] of each section of a page, its parts not included."""
    found = []
    for section in doctree.findall(nodes.section):
        heading = next(iter(section.findall(nodes.title)), None)
        text = " ".join(_text(child) for child in section if not isinstance(child, nodes.section))
        words = heading.astext() if heading else ""
        found.append([section["ids"][0], words, re.sub(r"\s+", " ", text).strip()])
    return found


def _text(node):
    """Return the words that a reader sees of a node, those in raw HTML too."""
    if isinstance(node, nodes.title):
        return ""
    parts = []
    for leaf in node.findall(lambda one: isinstance(one, nodes.Text | nodes.raw)):
        if isinstance(leaf, nodes.raw):
            bare = re.sub(r"(?s)<(script|style|noscript).*?</\1>|<[^>]+>", " ", leaf.astext())
            parts.append(unescape(bare))
        elif not isinstance(leaf.parent, nodes.raw):
            parts.append(leaf.astext())
    return " ".join(parts)


def _search(app):
    """Write what the search shows of each section; return its name, with a version."""
    text = f"silkroadSections({json.dumps(SECTIONS, ensure_ascii=False)});\n"
    name = f"silkroad/sections-{hashlib.sha256(text.encode()).hexdigest()[:8]}.js"
    place = Path(app.outdir, "_static", name)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    return name


def setup(app):
    """Put the policy at the head of every page; collect the sections for the search."""
    tag = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}" />'

    def add(app, page, template, context, doctree):
        context["metatags"] = tag + context.get("metatags", "")
        if doctree is not None:
            SECTIONS[page] = sections(doctree)
        if page == "search":
            app.add_js_file("silkroad/search.js")
            app.add_js_file(_search(app))

    app.connect("html-page-context", add)
