"""What a page needs to be read aloud: Chinese marked as Chinese, headings of tables, landmarks,
buttons called what they show.

It is done to the pages as Sphinx and its theme wrote them, so that it holds without scripts too.
"""

import re

from course.brief.tables import chinese

# A piece of a page: what is not read or is marked already, whole; a tag; or text.
_PIECE = re.compile(
    r"(?s)<(script|style|svg|textarea|title|option)\b.*?</\1>"
    r"|<(\w+)\b[^>]*\blang=[\"']zh[^>]*>.*?</\2>"
    r"|<(?:\"[^\"]*\"|'[^']*'|[^>\"'])+>|[^<]+"
)
_KANA = re.compile(r"[\u3040-\u30ff]")  # a text with these is Japanese
_HEAD = re.compile(r"(?s)<thead\b.*?</thead>")
_EMPTY = re.compile(r"<th(\b[^>]*)>\s*(?:<p>\s*</p>\s*)?</th>")
# The theme's parts, by how their tags begin, and what they are to a reader who jumps between them.
_PARTS = {
    '<aside class="sidebar-drawer"': 'aria-label="This site"',
    '<div class="sidebar-tree"': 'role="navigation" aria-label="All pages"',
    '<form class="sidebar-search-container"': 'aria-label="Search all pages"',
    '<aside class="toc-drawer"': 'aria-label="This page"',
    '<aside class="toc-drawer no-toc"': 'aria-label="This page"',
    '<div class="toc-tree"': 'role="navigation" aria-label="Contents of this page"',
    '<div class="related-pages"': 'role="navigation" aria-label="Next and previous page"',
}


def page(html):
    """Return a page of the site, made ready to be read aloud."""
    html = _HEAD.sub(lambda head: _named(head[0]), html)
    for part, name in _PARTS.items():
        html = re.sub(f"{re.escape(part)}(?=[ >])", f"{part} {name}", html)
    # MyST-NB calls each of these so, whatever it shows; its words are the better name.
    return marked(html.replace('<summary aria-label="Toggle hidden content">', "<summary>"))


def marked(html):
    """Return HTML in whose text Chinese is marked as such, where it is not yet."""

    def mark(piece):
        as_it_is = piece[0].startswith("<") or _KANA.search(piece[0])
        return piece[0] if as_it_is else chinese(piece[0])

    return _PIECE.sub(mark, html)


def _named(head):
    """Return the head of a table without an empty heading."""
    if head.count("<tr") > 1:  # pandas: names of columns and of rows, each on a line of their own
        return _EMPTY.sub(r"<td\1></td>", head)
    return _EMPTY.sub(r'<th\1><span class="silkroad-unseen">row</span></th>', head)
