"""What is folded away on a page, as HTML. The process that draws pages needs it too, so nothing large is imported."""

from html import escape


def folded(summary: str, html: str, is_printed: bool = False) -> str:
    """What opens at a click, without a script; `summary` is text. A PDF has it open where it `is_printed`, else has the
    summary alone."""
    kind = "folded printed" if is_printed else "folded"
    return f'<details class="{kind}"><summary>{escape(summary)}</summary>{html}</details>'


def the_numbers(of: str, heads: list[str], rows: list[list[str]], has_picture: bool = True) -> str:
    """The numbers behind a picture, folded: cells are texts; `of` names the picture to those who do not see it, and
    the fold to all where there is none."""
    if not rows:
        return ""
    top = "".join(f'<th scope="col">{escape(head)}</th>' if head else "<td></td>" for head in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    name = f'The numbers<span class="unseen">: {escape(of)}</span>' if has_picture else escape(of)
    return (
        f'<details><summary>{name}</summary><div class="scroll" tabindex="0" role="group" '
        f'aria-label="The numbers: {escape(of)}"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
        "</div></details>"
    )
