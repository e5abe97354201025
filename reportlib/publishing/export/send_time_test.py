"""A test of send times as files: the split for whoever sends, and what `reportlib load` takes."""

from pathlib import Path

import pandas as pd

from reportlib.errors import OutputError
from reportlib.metrics.planning.send_time import SendTimeTest
from reportlib.publishing.export.summary import csv_of
from reportlib.publishing.store.files import write_together

LOAD = "load"  # the folder of what is to be loaded: spreadsheets do not open what is in it


def write_test(test: SendTimeTest, folder: Path) -> Path:
    """Write split.csv, and load/campaigns.parquet and load/assignments.parquet, all of them or none.

    Cells of split.csv are harmless in a spreadsheet; those to be loaded are as they are. Another test that is there is
    not overwritten. Raises OutputError.
    """
    split = csv_of(test.split).encode()
    path = folder / "split.csv"
    if path.exists() and path.read_bytes() != split:
        raise OutputError(f"{path} is another test, which people may be in already: name another folder")
    tables = {"campaigns": test.campaigns, "assignments": test.assignments}
    contents = {folder / LOAD / f"{name}.parquet": _parquet(frame) for name, frame in tables.items()}
    write_together(contents | {path: split})
    return path


def _parquet(frame: pd.DataFrame) -> bytes:
    import duckdb

    from reportlib.scratch import scratch_folder

    with scratch_folder("test") as scratch, duckdb.connect() as database:
        database.register("rows", frame)
        target = scratch / "rows.parquet"
        database.execute(f"COPY (SELECT * FROM rows) TO '{target}' (FORMAT parquet)")
        return target.read_bytes()
