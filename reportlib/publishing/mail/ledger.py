"""What was mailed to whom: one line per change, written before the next step is taken, never rewritten.

A line `{"report", "to", "state", …}` is about one report and recipient. A line `{"renamed": {old: new}}` says that what
was written before it under one name is about another: the names of all at once, since one may have another's old name.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from reportlib.publishing.store.files import append_lines, read_lines

LEDGER = "mail.jsonl"
# Of one report for one recipient. A run that ends at SENDING leaves it in doubt whether the mail is out.
SENDING, SENT, REFUSED, POSTPONED = "sending", "sent", "refused", "postponed"
IN_DOUBT = "in doubt"


class Ledger:
    """The ledger in a folder; one run at a time writes to it, the one that has the folder (lock.py). What the ledgers
    of the folders `before` know is known to it too, where it says nothing else."""

    def __init__(self, folder: Path, before: Iterable[Path] = ()):
        self.path = folder / LEDGER
        self._states: dict[tuple[str, str], str] = {}
        self.renamed: dict[str, str] = {}
        for line in (line for one in (*before, folder) for line in read_lines(one / LEDGER)):
            if {"report", "to", "state"} <= line.keys():
                self._states[line["report"], line["to"]] = line["state"]
            elif isinstance(line.get("renamed"), dict):
                self._rename(line["renamed"])

    def state(self, report: str, recipient: str) -> str | None:
        """How far the mail of a report to a recipient came, as far as this ledger knows."""
        return self._states.get((report, recipient))

    def rename(self, renamed: dict[str, str]):
        """Let what is known under these names be known under others. Raises OutputError."""
        append_lines(self.path, [{"at": _now(), "renamed": renamed}])
        self._rename(renamed)

    def first_name(self, report: str) -> str:
        """What a report was called before it was renamed, if it was."""
        return next((old for old, new in self.renamed.items() if new == report), report)

    def _rename(self, renamed):
        self.renamed |= renamed
        self._states = {
            (renamed.get(report, report), recipient): state for (report, recipient), state in self._states.items()
        }

    def record(self, report: str, recipients: Iterable[str], state: str, message_id: str):
        """Write a state down, on the disk when this returns. Raises OutputError."""
        about = {"at": _now(), "report": report}
        lines = [{**about, "to": recipient, "state": state, "message_id": message_id} for recipient in recipients]
        append_lines(self.path, lines)
        self._states |= {(report, line["to"]): state for line in lines}


def _now():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
