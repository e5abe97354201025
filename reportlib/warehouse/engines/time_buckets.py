"""Timestamps cut to the start of their bucket: what a monitor groups by, a million rows every few seconds."""

from sqlalchemy import DateTime
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from reportlib.warehouse.engines.constructs import at_epoch_ms, epoch_ms


class bucket_start(FunctionElement):  # noqa: N801  reads as the SQL function it is
    """The start of the bucket a timestamp falls into, a timestamp; buckets of `seconds` begin with 1970 UTC."""

    type = DateTime()
    inherit_cache = True
    name = "bucket_start"

    def __init__(self, at, seconds):
        super().__init__(at, seconds * 1000)


@compiles(bucket_start)
def _bucket_start(element, compiler, **kw):
    at, size = element.clauses
    ms = epoch_ms(at)
    return compiler.process(at_epoch_ms((ms - ms % size).self_group()), **kw)


@compiles(bucket_start, "postgresql")
def _bucket_start_postgresql(element, compiler, **kw):
    """Five times as fast as by way of the epoch, which comes as a numeric."""
    at, size = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"date_bin({size} * INTERVAL '1 millisecond', {at}, TIMESTAMPTZ 'epoch')"
