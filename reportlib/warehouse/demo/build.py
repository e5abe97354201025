"""The demo database: drawn from the plan with hashes instead of a random generator, so that a seed means one demo."""

import tempfile
from pathlib import Path
from typing import cast

import duckdb
import pandas as pd
from sqlalchemy import delete, inspect, select
from sqlalchemy.exc import DBAPIError

from reportlib.errors import WarehouseError
from reportlib.warehouse.connection import connect, demo_address, explain, shown, url_of
from reportlib.warehouse.contract.tables import TABLES, accounts, metadata
from reportlib.warehouse.demo import people, rows as plan_rows
from reportlib.warehouse.demo.gateways import UNFLAGGED
from reportlib.warehouse.demo.macros import macros
from reportlib.warehouse.demo.outcomes import OUTCOMES
from reportlib.warehouse.demo.plan import PLAN
from reportlib.warehouse.demo.priced import CHARGES, TOLD
from reportlib.warehouse.demo.responses import RESPONSES
from reportlib.warehouse.demo.sending import SENDING
from reportlib.warehouse.engines import companions, database_file, read_only_options
from reportlib.warehouse.load import load_folder


def make_demo(url: str | None = None, messages: int = 200_000, seed: int = 1) -> dict[str, int]:
    """Make the demo at `url`, in the stead of the one that is there; rows per table.

    `messages` is their number, about; the same seed makes the same demo, whatever the day. A demo in a file stays as
    it was until the new one is complete. Raises WarehouseError where there is something else than a demo, or where
    nothing can be written.
    """
    address = url or demo_address()
    target, name = database_file(url_of(address)), url_of(address).get_backend_name()
    connect(address).dispose()  # refuses what is only read
    _refuse_other_data(address)
    try:
        place = target.resolve().parent if target else None
        if place:
            place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place, prefix=".demo-") as scratch:
            built = Path(scratch) / "demo.duckdb"
            rows = _build(built, messages, seed)
            if target:
                whole = built if name == "duckdb" else _loaded(built, f"{name}:///{Path(scratch) / 'whole'}")
                for companion in companions(url_of(address)):  # of the old one
                    companion.unlink(missing_ok=True)
                cast(Path, whole).replace(target.resolve())  # a link leads to the database
            else:
                _clear(address)
                _loaded(built, address)
    except OSError as error:
        raise WarehouseError(f"the demo cannot be written to {shown(address)} ({error})") from None
    return rows


def _refuse_other_data(address: str):
    """A demo, or nothing at all, may be replaced."""
    path = database_file(url_of(address))
    if path and not path.exists():
        return
    engine = connect(address, read_only_options)
    try:
        with engine.connect() as connection:
            names = set(inspect(connection).get_table_names())
            found = set(connection.scalars(select(accounts.c.account_id))) if accounts.name in names else set()
    except DBAPIError as error:
        raise explain(error, address) from None
    finally:
        engine.dispose()
    other = sorted(map(str, found - {account.account_id for account in PLAN.accounts}))
    if other or (names and not found):
        what = f"the accounts {', '.join(other[:3])}" if other else f"the tables {', '.join(sorted(names)[:3])}"
        raise WarehouseError(
            f"{shown(address)} is not a demo: it has {what}; it was left as it is. Give another address with --to"
        )


def _build(path: Path, messages: int, seed: int) -> dict[str, int]:
    engine = connect(f"duckdb:///{path}")
    try:
        metadata.create_all(engine)
    finally:
        engine.dispose()
    with duckdb.connect(str(path)) as database:
        database.execute("SET enable_progress_bar = false")
        for statement in macros(seed):
            database.execute(statement)
        for name, rows in plan_rows.plan_tables(messages).items():
            _put(database, name, rows)
        for statement in people.PEOPLE:
            database.execute(statement)
        pools = dict(database.execute("SELECT pool, count(*) FROM pools GROUP BY pool").fetchall())
        _put(database, "planned", plan_rows.campaign_rows(messages, pools))
        for statement in (*SENDING, *RESPONSES, *OUTCOMES, *CHARGES, *TOLD, *UNFLAGGED):
            database.execute(statement)
        counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in TABLES)
        return dict(database.execute(counts).fetchall())


def _put(database, name: str, rows: list[dict]):
    database.register("rows", pd.DataFrame(rows))
    database.execute(f"CREATE TEMP TABLE {name} AS FROM rows")
    database.unregister("rows")


def _loaded(built: Path, address: str) -> Path | None:
    """The demo loaded from where it was built into another engine's database; the file of that, if it is one."""
    with duckdb.connect(str(built), read_only=True) as database:
        for name in TABLES:
            database.execute(f"COPY {name} TO '{built.parent / name}.parquet' (FORMAT parquet)")
    load_folder(built.parent, address)
    return database_file(url_of(address))


def _clear(address: str):
    """Empty the tables of an old demo on a server, whose rows a smaller new one would not all replace."""
    engine = connect(address)
    try:
        metadata.create_all(engine)
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
    except DBAPIError as error:
        raise explain(error, address) from None
    finally:
        engine.dispose()
