"""The site of these pages and of the docstrings: `make docs`, then output/docs/index.html."""

import re

from pygments.lexers.special import TextLexer

from reportlib import __version__

project, author, version = "Campaign reports", "its maintainers", __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # README and CONTRIBUTING stand within a page
default_role = "code"  # docstrings name things `so`
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
html_theme = "furo"
html_title = f"{project} {version}"
html_copy_source = False
html_static_path: list[str] = []
exclude_patterns = ["README.md"]


def as_rst(app, what, name, obj, options, lines):
    """Our docstrings list parameters and columns as `names : what they are`: each becomes an item of a list. Examples
    stay as they are."""
    at, found, underline, example = None, [], re.compile("-{3,}"), False
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        example = line.startswith(">>>") or (example and bool(line))
        if example:
            found.append(line)
            continue
        line = _inline(line)
        indent = len(line) - len(line.lstrip())
        if underline.fullmatch(below):
            at = {"Returns": 4, "Parameters": 0, "Attributes": 0}.get(line)
            line = f".. rubric:: {line}"
        elif underline.fullmatch(line):
            line = ""
        elif at is not None and line.strip() and indent >= at:
            found += [""] * (indent == at)
            line = f"* {_item(line.strip())}" if indent == at else f"  {line.strip()}"
        elif at is not None and line.strip() and found[-1]:
            found.append("")
        found.append(line)
    lines[:] = found


def _item(text):
    names, colon, what = text.partition(" : ")
    return f"``{names}`` – {what}".replace("\\*", "*", 1) if colon and "``" not in names else text


def _inline(text):
    """`So` is code, whatever stands behind it; a star is a star."""
    text = re.sub(r"`([^`]+)`(\w?)|\*", lambda one: f"``{one[1]}``\\ {one[2]}" if one[1] else r"\*", text)
    return text.replace("``\\  ", "`` ")


def setup(app):
    app.add_lexer("cron", TextLexer)
    app.connect("autodoc-process-docstring", as_rst)
