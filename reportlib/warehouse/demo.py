"""The demo database: drawn from the plan with hashes instead of a random generator, so that a seed means one demo."""

import math
import os
import tempfile
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
from sqlalchemy import delete, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from reportlib.errors import WarehouseError
from reportlib.warehouse import demo_sql
from reportlib.warehouse.connection import connect, demo_address, explain, shown
from reportlib.warehouse.contract import TABLES, accounts, metadata
from reportlib.warehouse.demo_plan import PLAN, Campaign
from reportlib.warehouse.dialects import database_file
from reportlib.warehouse.load import load_folder

UNSENT = ("draft", "scheduled", "cancelled")


def make_demo(url: str | None = None, messages: int = 200_000, seed: int = 1) -> dict[str, int]:
    """Make the demo at `url`, in the stead of the one that is there; rows per table.

    `messages` is their number, about; the same seed makes the same demo, whatever the day. A demo in a DuckDB file
    stays as it was until the new one is complete. Raises WarehouseError where there is something else than a demo,
    or where nothing can be written.
    """
    address = url or demo_address()
    target = database_file(make_url(address))
    _refuse_other_data(address)
    try:
        place = target.parent if target else None
        if place:
            place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place, prefix=".demo-") as scratch:
            built = Path(scratch) / "demo.duckdb"
            rows = _build(built, messages, seed)
            if target:
                target.with_name(target.name + ".wal").unlink(missing_ok=True)  # of the old one
                os.replace(built, target)
            else:
                _export(built, Path(scratch))
                _clear(address)
                load_folder(scratch, address)
    except OSError as error:
        raise WarehouseError(f"the demo cannot be written to {shown(address)} ({error})") from None
    return rows


def _refuse_other_data(address: str):
    path = database_file(make_url(address))
    if path and not path.exists():
        return
    engine = connect(address)
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
        for statement in demo_sql.macros(seed):
            database.execute(statement)
        for name, rows in _plan_tables(messages).items():
            _put(database, name, rows)
        for statement in demo_sql.PEOPLE:
            database.execute(statement)
        pools = dict(database.execute("SELECT pool, count(*) FROM pools GROUP BY pool").fetchall())
        _put(database, "planned", _campaign_rows(messages, pools))
        for statement in demo_sql.SENDING:
            database.execute(statement)
        counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in TABLES)
        return dict(database.execute(counts).fetchall())


def _put(database, name: str, rows: list[dict]):
    database.register("rows", pd.DataFrame(rows))
    database.execute(f"CREATE TEMP TABLE {name} AS FROM rows")
    database.unregister("rows")


def _plan_tables(messages: int) -> dict[str, list[dict]]:
    """The plan as rows, by the names that demo_sql knows them by."""
    contacts = max(400, round(messages * PLAN.contacts_per_message))
    account_rows, first = [], 0
    for account in PLAN.accounts:
        size = round(contacts * account.share)
        account_rows.append(
            {
                "account_id": account.account_id,
                "name": account.name,
                "timezone": account.timezone,
                "currency": account.currency,
                "first": first,
                "size": size,
            }
        )
        first += size
    return {
        "plan_accounts": account_rows,
        "plan_segments": [vars(segment) for segment in PLAN.segments],
        "plan_homes": [
            vars(home) | {"account_id": account.account_id} | edges
            for account in PLAN.accounts
            for home, edges in _with_edges(account.homes)
        ],
        "plan_choices": list(_choice_rows()),
        "plan_channels": [
            vars(channel) | {"account_id": account.account_id}
            for account in PLAN.accounts
            for channel in account.channels
        ],
        "plan_failures": list(_failure_rows()),
    }


def _with_edges(choices):
    """Each choice with the part of [0, 1) in which it is drawn."""
    high = 0.0
    for choice in choices:
        low, high = high, high + choice.weight
        yield choice, {"low": low, "high": 2.0 if choice is choices[-1] else high}


def _choice_rows():
    for account in PLAN.accounts:
        kinds = {"carrier": account.carriers, "email_domain": account.email_domains} | PLAN.attributes
        for kind, choices in kinds.items():
            for choice, edges in _with_edges(choices):
                yield {"owner": account.account_id, "kind": kind, "value": choice.value} | edges
    for campaign in PLAN.campaigns:
        for choice, edges in _with_edges(campaign.channels):
            yield {"owner": campaign.campaign_id, "kind": "channel", "value": choice.value} | edges


def _failure_rows():
    """Per campaign, channel and carrier the parts of [0, 1) that fail, and why."""
    for campaign in PLAN.campaigns:
        account = next(account for account in PLAN.accounts if account.account_id == campaign.account_id)
        for channel in account.channels:
            for carrier in account.carriers:
                high = 0.0
                for failure in failures_of(campaign, channel.channel, carrier.value):
                    low, high = high, high + failure.rate
                    yield {
                        "campaign_id": campaign.campaign_id,
                        "channel": channel.channel,
                        "carrier": carrier.value,
                        "code": failure.provider_code,
                        "reason": failure.reason,
                        "low": low,
                        "high": high,
                    }


def failures_of(campaign: Campaign, channel: str, carrier: str | None) -> list:
    """What can go wrong with a message of this campaign, on this channel, to a contact with this carrier."""
    here = [f for f in PLAN.failures if (f.account_id, f.channel) == (campaign.account_id, channel)]
    own = [f for f in here if f.campaign == campaign.campaign_id]
    return own or [f for f in here if f.campaign is None and f.carrier in (None, carrier)]


def _campaign_rows(messages: int, pools: dict[str, int]) -> list[dict]:
    """Campaigns with their number of people, their first message number and their walk through the pool.

    A walk takes every `stride`-th contact; one that shares no divisor with the pool meets everyone once. The arms of
    an experiment share a walk, the later one going on where the earlier one stopped.
    """
    total = sum(campaign.share for campaign in PLAN.campaigns if campaign.status not in UNSENT)
    rows, number, walked = [], 1, {}
    for order, campaign in enumerate(PLAN.campaigns):
        pool = campaign.segment_id or campaign.account_id
        walk = campaign.experiment_id or campaign.campaign_id
        skip = walked.get(walk, 0)
        wanted = campaign.people or max(1, round(messages * campaign.share / total))
        people = min(wanted, pools.get(pool, 0) - skip)
        walked[walk] = skip + people
        zone = next(account.timezone for account in PLAN.accounts if account.account_id == campaign.account_id)
        start = campaign.start.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        stride_from = 7919 if campaign.experiment_id else 7919 + 1009 * order
        rows.append(
            {name: value for name, value in vars(campaign).items() if name not in ("channels", "start", "share")}
            | {
                "pool": pool,
                "pool_size": pools.get(pool, 0),
                "people": people,
                "messaged": 0 if campaign.status in UNSENT else people,
                "skip": skip,
                "stride": next(n for n in range(stride_from, 10**9) if math.gcd(n, max(1, pools.get(pool, 0))) == 1),
                "first": number,
                "start_ms": round(start.timestamp() * 1000),
            }
        )
        number += rows[-1]["messaged"]
    return rows


def _export(built: Path, folder: Path):
    with duckdb.connect(str(built), read_only=True) as database:
        for name in TABLES:
            database.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")


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
