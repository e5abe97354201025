"""What a call leaves in the database for the next one: what was read, of where, and up to when."""

import hashlib
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, text

from reportlib.warehouse.connect import digests
from reportlib.warehouse.connect.digests import Digests
from reportlib.warehouse.connect.local import keeps, one, run
from reportlib.warehouse.connect.platform import Platform
from reportlib.warehouse.warehouse import Warehouse


@dataclass(frozen=True)
class Call:
    """One call: of which platform, where it is (without the password), how it was read, and when.

    `asked_timezone` is what --timezone said, `timezone` what the account's was; `declared` changes with the module.
    """

    platform: str
    address: str
    asked_timezone: str
    timezone: str
    declared: str
    read_at: datetime


def declared(platform: Platform) -> str:
    """A short text that is another one once the platform's module says something else."""
    said = (platform.extracts, sorted(platform.tables.items()), platform.measured, platform.unnamed)
    return hashlib.md5(repr(said).encode()).hexdigest()


def latest_call(connection: Connection) -> Call | None:
    """The call that this database was last written by."""
    if not keeps(connection, "calls"):
        return None
    names = ", ".join(field.name for field in fields(Call))
    row = connection.exec_driver_sql(f"SELECT {names} FROM source.calls").one_or_none()
    return Call(*row) if row else None


def copied(warehouse: Warehouse) -> Call | None:
    """The latest call that brought what is in this database, where it is a copy."""
    if warehouse.engine.dialect.name != "duckdb":
        return None
    with warehouse.engine.connect() as connection:
        return latest_call(connection)


def remember(connection: Connection, call: Call):
    """Keep this call, in the stead of the one before."""
    kinds = {name: "TIMESTAMP" if name == "read_at" else "VARCHAR" for name in asdict(call)}
    run(connection, f"CREATE OR REPLACE TABLE source.calls ({', '.join(f'{n} {k}' for n, k in kinds.items())})")
    places = ", ".join(f":{name}" for name in kinds)
    connection.execute(text(f"INSERT INTO source.calls VALUES ({places})"), asdict(call))


def read_up_to(connection: Connection, platform: Platform, call: Call) -> dict[str, datetime | Digests]:
    """From when on each extract is to be read again, on its own table's clock, or what its rows were when they were
    read; those read whole are not named."""
    since: dict[str, datetime | Digests] = {**digests.remembered(connection)}
    for extract in platform.extracts:
        if extract.changed:
            times = ", ".join(f"max({name})" for name in extract.changed.split())
            latest = one(connection, f"SELECT greatest({times}, NULL) FROM source.{extract.name}")
            if latest is not None:
                since[extract.name] = min(latest, call.read_at) - extract.overlap
    return since
