"""The files that parameters name."""

from reportlib.publishing.store.object_store import path_at
from reportlib.reports.models import NAMES_OF_FILES


def named_files(parameters: dict) -> dict[str, bytes]:
    """What is in the files that parameters name, by parameter; without those that are no file."""
    paths = {name: path_at(parameters[name]) for name in NAMES_OF_FILES if parameters.get(name)}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}
