"""The files that parameters name."""

from reportlib.publishing.store.object_store import path_at
from reportlib.reports.parameters import Report


def named_files(report: Report) -> dict[str, bytes]:
    """What is in the files that the report's parameters name, by parameter; without those that are no file."""
    paths = {name: path_at(report.parameters[name]) for name in report.files if report.parameters.get(name)}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}
