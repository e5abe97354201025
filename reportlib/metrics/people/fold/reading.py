"""Whether a database has a fold that fits, and the rows that people are counted from."""

from sqlalchemy import ColumnElement, Select, case, inspect, not_, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import visitors

from reportlib.metrics.people.bits import FLAGS, holds
from reportlib.metrics.people.counted import FUTURE_MS
from reportlib.metrics.people.fold.keeping import file_of, version
from reportlib.metrics.people.fold.table import SCHEMA, TOTALS, fold
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import companions, keeps_fold


def fits(warehouse: Warehouse) -> bool:
    """Whether the database has a fold of the rows it has, made as we would: of a file that nobody wrote since, and of
    which no event that is settled in it lies in the future of when it was opened."""
    engine = warehouse.engine
    path = file_of(engine) if keeps_fold(engine) else None
    if path is None:
        return False
    try:
        with engine.connect() as connection:  # from here on nobody else writes
            if any(one.exists() and one.stat().st_size for one in companions(engine.url)):
                return False
            told = text(f"SELECT stamp, until_ms FROM {SCHEMA}.fold_state WHERE made_by = :made_by")
            found = connection.execute(told, {"made_by": version(connection.dialect)}).first()
            if found is None or found.stamp != path.stat().st_mtime_ns:
                return False
            return found.until_ms <= warehouse.opened_ms + FUTURE_MS
    except (DBAPIError, OSError):
        return False


def is_there(warehouse: Warehouse) -> bool:
    """Whether the database has a fold, which may not fit."""
    return keeps_fold(warehouse.engine) and inspect(warehouse.engine).has_table("fold_state", schema=SCHEMA)


def open_messages(campaign_ids: list) -> Select:
    """The ids of the messages of which the fold does not say what happened to them."""
    return select(fold.c.message_id).where(fold.c.campaign_id.in_(campaign_ids), fold.c.is_open)


def settled_messages(campaign_ids: list, key: list[str], untold=None) -> Select:
    """All others: the columns of `key`, flags, the TOTALS; `untold` as for `bits.packed`."""
    flags: ColumnElement = fold.c.flags
    if untold is not None:
        handed_over = holds(flags, "pending", "confirmed")
        flags = flags + case((_of_fold(untold) & handed_over, FLAGS["assumed"]), else_=0)
    columns = [fold.c[name] for name in key]
    told = select(*columns, flags.label("flags"), *[fold.c[name] for name in TOTALS])
    return told.where(fold.c.campaign_id.in_(campaign_ids), not_(fold.c.is_open))


def _of_fold(condition):
    """A condition on messages, of the rows of the fold."""

    def instead(element, **_):
        return fold.c[element.name] if getattr(element, "table", None) is messages else None

    return visitors.replacement_traverse(condition, {}, instead)
