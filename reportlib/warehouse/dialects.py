"""Everything the engines spell differently, and nothing else: one construct, one compilation per engine."""

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

ENGINES = ("duckdb", "postgresql")


class epoch_ms(FunctionElement):  # noqa: N801  reads as the SQL function it is
    """Milliseconds since 1970-01-01 UTC of a timestamp column, BIGINT; written `epoch_ms(…)` where nobody runs it."""

    type = BigInteger()
    inherit_cache = True
    name = "epoch_ms"


@compiles(epoch_ms, "duckdb")
def _epoch_ms_duckdb(element, compiler, **kw):
    return f"epoch_ms({compiler.process(element.clauses, **kw)})"


@compiles(epoch_ms, "postgresql")
def _epoch_ms_postgresql(element, compiler, **kw):
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **kw)}) * 1000) AS BIGINT)"


def read_only_options(engine_name: str) -> dict:
    """Arguments of `create_engine` that make a connection unable to write."""
    if engine_name == "duckdb":
        # Freed memory goes back at once: a report asks a dozen large questions in turn and should peak with one.
        frugal = {"allocator_flush_threshold": "1MB", "allocator_bulk_deallocation_flush_threshold": "32MB"}
        return {"connect_args": {"read_only": True, "config": frugal}}
    if engine_name == "postgresql":
        return {"connect_args": {"options": "-c default_transaction_read_only=on -c timezone=UTC"}}
    return {}
