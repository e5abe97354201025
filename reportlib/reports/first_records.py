"""Records of version 1, which had no number and left it to the index to know how each of four reports is listed."""

from contextlib import suppress

from reportlib.presentation import comparison, send_times, weekly
from reportlib.presentation.review import head as review

_LISTED = {
    "weekly_review": weekly.head.listing,
    "post_campaign_review": review.listing,
    "campaign_comparison": comparison.head.listing,
    "send_time_heatmap": send_times.head.listing,
}


def as_second(about: dict) -> dict:
    """What a record says as version 2 has it: with how it is listed."""
    if not isinstance(about, dict) or "version" in about:
        return about
    about = about | {"version": 1}
    if "failure" in about or about.get("notebook") not in _LISTED:
        return about
    with suppress(LookupError, TypeError, ValueError, AttributeError):  # who says less is listed as any report is
        return about | {"listing": _LISTED[about["notebook"]](about)}
    return about
