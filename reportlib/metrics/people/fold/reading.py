"""Whether a database has a fold that fits, and what is asked of it."""

from functools import cache
from hashlib import sha256
from pathlib import Path

import duckdb
import pandas as pd
from sqlalchemy import Engine, inspect, select

import reportlib
from reportlib.errors import WarehouseError
from reportlib.metrics.people.counted import FUTURE_MS
from reportlib.metrics.people.fold.table import SCHEMA, state
from reportlib.metrics.selection.campaigns import portions
from reportlib.warehouse import Warehouse
from reportlib.warehouse.engines import database_file, has_companions, keeps_fold


def fits(warehouse: Warehouse) -> bool:
    """Whether the database has a fold of the rows it has, made as we would: of a file that nobody wrote since, and of
    which no event that is settled in it lies in the future of when it was opened."""
    engine = warehouse.engine
    path = file_of(engine) if keeps_fold(engine) else None
    if path is None:
        return False
    try:
        told = _state(warehouse)
        if has_companions(engine.url):
            return False
        written = path.stat().st_mtime_ns
    except OSError:
        return False
    return any(
        row.stamp == written and row.until_ms <= warehouse.opened_ms + FUTURE_MS for row in told.itertuples(index=False)
    )


def is_there(warehouse: Warehouse) -> bool:
    """Whether the database has a fold, which may not fit."""
    return keeps_fold(warehouse.engine) and inspect(warehouse.engine).has_table("fold_state", schema=SCHEMA)


def kept_by(warehouse: Warehouse, since_ms: int | None = None) -> Warehouse | None:
    """The database as seen from the fold, where there is one that fits: its messages and events are only those of
    people of whom something is open; all else is in the tables of the fold, which a question asks too. Where its
    `moments` are asked what had come before a moment, that is `since_ms`: of earlier ones they do not tell."""
    if not fits(warehouse) or (since_ms is not None and _state(warehouse)["since_ms"].max() > since_ms):
        return None
    return warehouse.seen_from(SCHEMA)


def asked(warehouse: Warehouse, campaign_ids: list, question, of_fold: bool = True) -> pd.DataFrame:
    """The answers to `question(part, kept)` about each of the `portions`, one below the other; `kept`, and so asked as
    seen from the fold, where there is one that fits."""
    kept = kept_by(warehouse) if of_fold else None
    parts = portions(warehouse, campaign_ids) or [[]]
    return pd.concat([(kept or warehouse).sql(question(part, bool(kept))) for part in parts], ignore_index=True)


def file_of(engine: Engine) -> Path | None:
    """The database's file; None where it is in memory."""
    name = engine.url.database
    return database_file(engine.url) if name and not name.startswith(":") else None


@cache
def version() -> str:
    """What a fold must have been made by to be read: the code that it stands on, and DuckDB, of whose releases each may
    hash in its own way."""
    people, package = Path(__file__).parent.parent, Path(reportlib.__file__).parent
    code = [*people.rglob("*.py"), *(package / "warehouse" / "engines").glob("*.py")]
    code += [package / "definitions.py", package / "warehouse" / "contract" / "tables.py"]
    told = [one.read_bytes() for one in sorted(code)]
    return sha256(b"\0".join([*told, duckdb.__version__.encode()])).hexdigest()[:16]


def _state(warehouse) -> pd.DataFrame:
    columns = state.c.stamp, state.c.until_ms, state.c.since_ms

    def ask():
        try:  # from here on nobody else writes
            return warehouse.sql(select(*columns).where(state.c.made_by == version()))
        except WarehouseError:
            return pd.DataFrame({column.name: [] for column in columns})

    return warehouse.remembered("the state of the fold", ask)
