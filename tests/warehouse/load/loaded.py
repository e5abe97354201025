"""Folders of files to load, what is in a database they were loaded into, and what a load complains about."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from reportlib.errors import InvalidData
from reportlib.warehouse.contract.tables import TABLES, key_columns
from reportlib.warehouse.load import load_folder

ACCOUNTS = "account_id,name,timezone\nacme,Acme,America/Sao_Paulo\n"
CAMPAIGNS = "campaign_id,account_id,name,status\n007,acme,Spring,completed\n008,acme,Autumn,draft\n"
MESSAGES = "message_id,campaign_id,contact_id,channel,status\n1,007,ann,sms,delivered\n2,007,bob,sms,failed\n"


def folder(path: Path, **files: str) -> Path:
    """A folder with these CSV files."""
    path.mkdir(exist_ok=True)
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return path


def contents(url) -> dict[str, list[dict]]:
    """Every row of every table, in the order of their keys."""
    engine = create_engine(url)
    with engine.connect() as connection:
        tables = {
            name: [dict(row) for row in connection.execute(select(table).order_by(*key_columns(table))).mappings()]
            for name, table in TABLES.items()
        }
    engine.dispose()
    return tables


def row(url, table) -> dict:
    (only,) = contents(url)[table]
    return only


def utc(*moment) -> datetime:
    return datetime(*moment, tzinfo=UTC)


def as_utc(moment: datetime) -> datetime:
    """DuckDB and SQLite hand out naive UTC, PostgreSQL moments."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def problems(path: Path, duckdb_url) -> str:
    """What a load of this folder complains about."""
    with pytest.raises(InvalidData) as error:
        load_folder(path, duckdb_url)
    assert not Path(duckdb_url.removeprefix("duckdb:///")).exists()
    return str(error.value)
