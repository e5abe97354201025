"""Which campaigns we wrote since the fold was made (`metrics.people.folding`), so that nobody need look for them.

It is told in the transaction that writes, and holds while the file has the time that is told with it: a whole second
that is past, and so is no other writer's. Where another wrote before, or this one was killed, nothing is told.
"""

import os
import time
from contextlib import suppress
from typing import Any

import duckdb
from sqlalchemy import BigInteger, Column, Connection, Engine, MetaData, Table, inspect, literal, select, union
from sqlalchemy.exc import DBAPIError

from reportlib.warehouse.contract.tables import Identifier
from reportlib.warehouse.engines import database_file, has_companions, keeps_fold

_kept = MetaData(schema="reportlib")
written = Table("fold_written", _kept, Column("stamp", BigInteger), Column("campaign_id", Identifier))
_state = Table("fold_state", _kept, Column("stamp", BigInteger))


def is_told(connection: Connection) -> bool:
    """Whether all that was written since the fold was made is of the campaigns in `written`."""
    if not keeps_fold(connection) or not inspect(connection).has_table(written.name, schema=written.schema):
        return False
    url = connection.engine.url
    path = database_file(url)
    if path is None or has_companions(url):
        return False
    stamps = connection.scalars(union(select(_state.c.stamp), select(written.c.stamp)))
    return path.stat().st_mtime_ns in set(stamps)


def tell(connection: Connection) -> int | None:
    """Begin to tell what this transaction writes: the time that the file is to have, nanoseconds. None where it is not
    told what was written before."""
    if not is_told(connection):
        return None
    stamp, of_fold = past_second(), connection.scalar(select(_state.c.stamp))
    stamp -= 10**9 * (stamp == of_fold)  # which would fit
    connection.execute(written.insert().values(stamp=stamp))
    return stamp


def tell_of(connection: Connection, stamp: int, *campaigns):
    """These selects of campaigns are of what is written."""
    each = [select(literal(stamp), one.subquery().c.campaign_id).distinct() for one in campaigns]
    connection.execute(written.insert().from_select(["stamp", "campaign_id"], union(*each)))


def past_second() -> int:
    """A whole second that no writer gives a file any more, nanoseconds."""
    return (int(time.time()) - 2) * 10**9


def seal(engine: Engine, stamp: int):
    """Give the file this time while nobody else may write it."""
    with suppress(duckdb.Error, DBAPIError, OSError), engine.connect() as connection:
        database: Any = connection.connection.driver_connection
        try:
            database.execute("CHECKPOINT")
        except duckdb.Error:  # as where the disk is full: nothing of this connection can be rolled back
            connection.invalidate()
            raise
        os.utime(database_file(engine.url) or "", ns=(time.time_ns(), stamp))
