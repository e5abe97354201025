"""The page in the place of a report that could not be made."""

from html import escape

from reportlib.presentation.look.brand.brand import Brand, shown_in
from reportlib.publishing.failure import Failure
from reportlib.publishing.page.layout import page

_KICKER = "This report could not be made"
FAILURE_MARK = f'class="kicker">{_KICKER}<'  # on these pages and no other: a campaign's name cannot hold a tag


def failure_page(title: str, asked: dict, failure: Failure, last_good: str | None) -> str:
    """What was asked, what went wrong, and where the last good report is (a file name beside this page)."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="text"><span>{escape(str(value))}</span></td></tr>'
        for name, value in asked.items()
    )
    good = (
        f'<p><a href="{escape(last_good)}">The last report that was made</a> is still there; its figures are older.</p>'
        if last_good
        else "<p>No earlier report of this is here.</p>"
    )
    where = f"<h3>In {escape(failure.place)}</h3><pre>{escape(failure.code)}</pre>" if failure.code else ""
    body = (
        '<ul class="findings"><li class="bad"><span class="symbol" aria-hidden="true">✕</span>'
        f"<span>{escape(failure.message)} <em>{escape(failure.name)}</em></span></li></ul>{good}"
        f"<h2>What was asked</h2><table><caption>Parameters</caption><tbody>{rows}</tbody></table>"
        f"<h2>For those who mend it</h2>{where}{_details(failure)}"
    )
    with shown_in(Brand()):  # whatever is wrong with the brand
        return page(title=title, body=body, kicker=_KICKER)


def _details(failure):
    if not failure.details:
        return "<p>There is no more to say: the notebook itself did not fail.</p>"
    return f"<details><summary>What Python said</summary><pre>{escape(failure.details)}</pre></details>"
