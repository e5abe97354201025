"""What two runs of one edition have to have in common: their files, but for what is of the moment."""

import re
import zipfile

from reportlib.publishing.store.lock import LOCK

OF_THE_MOMENT = (
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)",
    r'"(duration|duration_s|seconds)": [\d.e-]+',
    r"\w+ \d+ \w+ \d{4}, \d\d:\d\d, in [\d.]+ s",
    r'"id": "[0-9a-f]{8}"',
    r"<t>[^<]*20\d\d, \d\d:\d\d UTC</t>",  # when a workbook was made
)


def files_of(output):
    """What is in each file of a folder, without what is of the moment: times, durations, and the name that papermill
    rolls for the cell of parameters; lines in the order of the reports, which end in any order."""
    held = {}
    for file in output.rglob("*"):
        if file.is_file() and file.name != LOCK:
            text = _text_of(file)
            for what in OF_THE_MOMENT:
                text = re.sub(what, "", text)
            held[str(file.relative_to(output))] = sorted(text.splitlines()) if file.suffix == ".jsonl" else text
    return held


def _text_of(file) -> str:
    """A workbook's parts one after the other; a picture's bytes as letters."""
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as parts:
            return "".join(parts.read(name).decode() for name in parts.namelist() if "docProps" not in name)
    return file.read_bytes().decode("latin-1" if file.suffix == ".png" else "utf-8")
