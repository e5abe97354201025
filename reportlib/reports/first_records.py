"""Records of version 1, which had no number and left it to the index to know how each of four reports is listed."""

from contextlib import suppress
from importlib import import_module

from reportlib.presentation.look.finding import Finding
from reportlib.presentation.look.first_screen import FirstScreen

_HEADS = {  # where it is said how a report is listed; imported where there is such a record
    "weekly_review": "reportlib.presentation.weekly.head",
    "post_campaign_review": "reportlib.presentation.review.head",
    "campaign_comparison": "reportlib.presentation.comparison.head",
    "send_time_heatmap": "reportlib.presentation.send_times.head",
}
_BY_FIRST_SCREEN = ("weekly_review", "send_time_heatmap", "campaign_comparison")  # listed with the verdict of it


def as_second(about: dict) -> dict:
    """What a record says as version 2 has it: with how it is listed."""
    if not isinstance(about, dict) or "version" in about:
        return about
    about = about | {"version": 1}
    if "failure" in about or about.get("notebook") not in _HEADS:
        return about
    with suppress(LookupError, TypeError, ValueError, AttributeError):  # who says less is listed as any report is
        return about | {"listing": _listing(about, about["notebook"])}
    return about


def _listing(about, notebook) -> dict:
    """A first screen's verdict was the first finding then, and a weekly review's title the account."""
    head = import_module(_HEADS[notebook])
    if notebook not in _BY_FIRST_SCREEN:
        return head.listing(about)
    if notebook == "weekly_review":
        about = about | {"title": about["subtitle"].partition(" · ")[0]}
    return head.listing(about, FirstScreen(Finding(**about["findings"][0])))
