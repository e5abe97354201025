"""Reports of an edition made before version 2 of their records, which were called by their place among others: their
files and their mails are known by the names that they have now."""

from collections.abc import Iterator
from pathlib import Path

from reportlib.errors import OutputError
from reportlib.publishing.batch.order import last_good_of
from reportlib.publishing.mail.ledger import Ledger
from reportlib.publishing.store.files import write_whole
from reportlib.publishing.store.object_store import is_store, remove
from reportlib.reports.parameters import Report
from reportlib.reports.record import Record, read_if_whole


def take_over(folder: Path, reports: dict[str, Report]):
    """Rename what the folder has of these reports under other names; for who has the folder to itself.

    The ledger of mails has the new names first, in one line: whatever ends this, the next run goes on with it. Raises
    OutputError.
    """
    renamed = dict(_misnamed(folder, reports))
    ledger = Ledger(folder)
    if untold := {old: new for old, new in renamed.items() if old not in ledger.renamed}:
        ledger.rename(untold)
    while movable := {old: new for old, new in renamed.items() if new not in renamed}:  # to where none is
        for old, new in movable.items():
            for file in _files(folder, old):
                _rename(file, folder / f"{new}{file.name.removeprefix(old)}")
            del renamed[old]


def _misnamed(folder, reports) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.glob("*.json")):
        record = read_if_whole(file)
        if record and record.version == 1:
            new = next((name for name, report in reports.items() if _is_of(record, report)), file.stem)
            if new != file.stem:
                yield file.stem, new


def _is_of(record: Record, report: Report) -> bool:
    if record.notebook != report.notebook.stem:
        return False
    if "campaigns" in report.parameters:  # of an experiment, or of an account: which may have one more by now
        known, now = (set(map(str, one["campaigns"] or ())) for one in (record.parameters, report.parameters))
        return record.subject == report.subject and bool(known & now)
    about = [name for name in ("account", "campaign", "week") if name in report.parameters]
    return all(record.parameters.get(name) == report.parameters[name] for name in about)


def _files(folder, name):
    """The files of a report, its record last: while that is there, there may be more."""
    page = folder / f"{name}.html"
    files = [
        last_good_of(page),
        page,
        *(page.with_suffix(kind) for kind in (".ipynb", ".pdf", ".png", ".xlsx", ".json")),
    ]
    return [file for file in files if file.exists()]


def _rename(file, to):
    try:
        if is_store(file):
            write_whole(to, file.read_bytes())
            remove(file)
        else:
            file.replace(to)
    except OSError as error:
        raise OutputError(f"{file} cannot be renamed to {to.name}: {error.strerror or error}") from None
