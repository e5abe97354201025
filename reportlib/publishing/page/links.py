"""Links between the pages of a folder: to its index, the week, the one before and after, the campaigns they list.

Which reports stand around one is known once all are made, so pages are made with an empty place for their links, which
is filled when the folder's index is written. Addresses are relative: a folder can be moved, or opened from a disk.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from reportlib.publishing.page.layout import links_html
from reportlib.publishing.store.files import read_whole, write_whole
from reportlib.reports.parameters import heading_of
from reportlib.reports.record import Record

REVIEW, WEEKLY = "post_campaign_review", "weekly_review"
MOST = 40  # campaigns that one page links to
_PLACE = re.compile(rb"<!--links-->.*?<!--/links-->", re.DOTALL)
_ADDRESS = re.compile(rb'href="([^"]*)"')

Reports = list[tuple[str, Record]]  # each with the address of its page
Links = list[tuple[str, str]]  # address, text


def link_pages(folder: Path, reports: Reports, around: Reports, above: Links):
    """Write into each page of a folder the links of `links_of`; a page that has them already is left as it is.

    `around` are the reports of the weeks before and after, `above` leads to the indexes. Raises OutputError.
    """
    for address, record in reports:
        page = folder / address
        try:
            before = read_whole(page)
        except OSError:
            continue  # a record whose page is gone
        drawn = f"<!--links-->{links_html([*above, *links_of(address, record, reports, around)])}<!--/links-->"
        after = drawn.encode().join(_PLACE.split(before, maxsplit=1))
        if after != before:
            write_whole(page, after)


def links_of(address: str, record: Record, reports: Reports, around: Sequence[tuple[str, Record]] = ()) -> Links:
    """Where a report leads to among others of its folder, and of those `around` it: its week, the one before and after,
    the campaigns that it lists, and what lists its own."""
    others = [one for one in reports if one[0] != address and not one[1].failure]
    ids = set(record.campaign_ids or ())
    found = [(at, f"{one.name} (weekly review)") for at, one in others if _is_of(one, WEEKLY, record)]
    found += _before_and_after(address, record, [*others, *around])
    listed = [one for one in others if one[1].notebook == REVIEW and one[1].subject in ids]
    found += [(at, f"Review: {one.name}") for at, one in listed[:MOST]]
    if record.notebook == REVIEW:
        lists = [one for one in others if record.subject in (one[1].campaign_ids or ()) and one[1].notebook != WEEKLY]
        found += [(at, f"{one.kind or heading_of(one.notebook)}: {one.name}") for at, one in lists]
    return [(quote(at, safe="/."), text) for at, text in found]


def absolute(page: bytes, folder: str | None) -> bytes:
    """A page as it is sent away: its links lead into the folder at this address; without one it has none."""
    if not folder:
        return _PLACE.sub(b"", page, count=1)
    to = f"{folder}/".encode()
    return _PLACE.sub(lambda place: _ADDRESS.sub(lambda link: b'href="%s%s"' % (to, link[1]), place[0]), page, count=1)


def _is_of(one, notebook, record):
    same = record.notebook != notebook and _account(one) == _account(record)
    return one.notebook == notebook and same


def _account(record):
    return (record.model_extra or {}).get("account") or record.account_id


def _before_and_after(address, record, others) -> Links:
    """The report of its kind and account that began last before it, and the one that began next after it."""
    same = [one for one in others if one[1].notebook == record.notebook and _account(one[1]) == _account(record)]
    if not record.started_at:
        return []
    here = (record.started_at, address)
    earlier, later = ([one for one in same if (_began(one) < here) == is_before] for is_before in (True, False))
    found = [("Before", max(earlier, key=_began))] if earlier else []
    found += [("After", min(later, key=_began))] if later else []
    return [(at, f"{where}: {one.name}") for where, (at, one) in found]


def _began(one):
    return (one[1].started_at or "", one[0])
