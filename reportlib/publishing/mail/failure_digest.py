"""One mail that tells which reports of an edition could not be made, why, and what there is instead."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand.brand import Brand, shown_in
from reportlib.publishing.mail.content import Content, Said, link_to
from reportlib.publishing.page.wording import header, line
from reportlib.publishing.store.passwords import without_password

SHOWN = 20  # failures; the edition's index has all


@dataclass(frozen=True)
class FailedReport:
    """A report that could not be made: its name (the first that it had in this folder), what it is about, the kind of
    error, why, and the page of its last good one, if any."""

    name: str
    title: str
    kind: str
    message: str
    last_good: Path | None = None


def digest_key(failed: list[FailedReport]) -> str:
    """What the ledger calls the digest of these failures: the same for the same reports and kinds of error. What an
    error says may differ each time, as by the number of a process."""
    reasons = json.dumps(sorted([one.name, one.kind] for one in failed))
    return f"failures-{hashlib.sha256(reasons.encode()).hexdigest()[:16]}"


def digest_subject(failed: list[FailedReport], made: int, edition: str) -> str:
    """ "Not made: 2 of 7 reports · 2026-W47"."""
    with shown_in(Brand()):  # whatever is wrong with the file of brands
        count = f"{numbers.count(len(failed))} of {numbers.plural(len(failed) + made, 'report')}"
    return f"Not made: {count} · {header(edition, 60)}"


def digest_content(failed: list[FailedReport], made: int, edition: str, link_base_url: str | None) -> Content:
    """The mail about these failures."""
    with shown_in(Brand()):  # whatever is wrong with the file of brands
        count = f"{numbers.count(len(failed))} of {numbers.plural(len(failed) + made, 'report')}"
    return Content(
        kicker="Reports that could not be made",
        title=f"{count} could not be made",
        subtitle=f"Edition {line(edition, 60)}. The others were made." if made else f"Edition {line(edition, 60)}.",
        findings=[_said(one) for one in failed[:SHOWN]],
        more=max(0, len(failed) - SHOWN),
        more_in="the edition's index.html",
        link=link_to(link_base_url, edition, "index.html"),
        link_words="Open the edition",
        footer=f"Sent automatically for the edition {line(edition, 60)}, once for the same failures.",
    )


def _said(one: FailedReport) -> Said:
    good = f"The last good report is {one.last_good.name}." if one.last_good else "There is no earlier report of this."
    return Said("bad", f"{line(one.title, 120)}: {line(without_password(one.message), 400)}", good)
