"""How BigQuery, Snowflake and Trino spell what `constructs` names: compiled in a test, run by nobody here.

Import it to have it: it reaches into how operators and labels are compiled, which takes time on every engine.
"""

from sqlalchemy import BinaryExpression, Label
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import _anonymous_label
from sqlalchemy.sql.operators import bitwise_and_op

from reportlib.warehouse.engines.constructs import any_bits, at_epoch_ms, epoch_ms

_EPOCH = "TIMESTAMP '1970-01-01 00:00:00'"


@compiles(epoch_ms, "bigquery")
def _epoch_ms_bigquery(element, compiler, **kw):
    return f"UNIX_MILLIS({compiler.process(element.clauses, **kw)})"


@compiles(epoch_ms, "snowflake")
def _epoch_ms_snowflake(element, compiler, **kw):
    return f"DATE_PART(epoch_millisecond, {compiler.process(element.clauses, **kw)})"


@compiles(epoch_ms, "trino")
def _epoch_ms_trino(element, compiler, **kw):
    return f"date_diff('millisecond', {_EPOCH}, {compiler.process(element.clauses, **kw)})"


@compiles(at_epoch_ms, "bigquery")
def _at_epoch_ms_bigquery(element, compiler, **kw):
    return f"TIMESTAMP_MILLIS({compiler.process(element.clauses, **kw)})"


@compiles(at_epoch_ms, "snowflake")
def _at_epoch_ms_snowflake(element, compiler, **kw):
    return f"TO_TIMESTAMP_NTZ({compiler.process(element.clauses, **kw)}, 3)"


@compiles(at_epoch_ms, "trino")
def _at_epoch_ms_trino(element, compiler, **kw):
    return f"date_add('millisecond', {compiler.process(element.clauses, **kw)}, {_EPOCH})"


@compiles(any_bits, "bigquery")
def _any_bits_bigquery(element, compiler, **kw):
    return f"BIT_OR({compiler.process(element.clauses, **kw)})"


@compiles(any_bits, "snowflake")
def _any_bits_snowflake(element, compiler, **kw):
    return f"BITOR_AGG({compiler.process(element.clauses, **kw)})"


@compiles(any_bits, "trino")
def _any_bits_trino(element, compiler, **kw):
    return f"bitwise_or_agg({compiler.process(element.clauses, **kw)})"


@compiles(BinaryExpression, "snowflake", "trino")
def _without_the_operator(element, compiler, **kw):
    """These two have a function in the stead of `&`."""
    if element.operator is not bitwise_and_op:
        return compiler.visit_binary(element, **kw)
    name = "BITAND" if compiler.dialect.name == "snowflake" else "bitwise_and"
    return f"{name}({compiler.process(element.left, **kw)}, {compiler.process(element.right, **kw)})"


@compiles(Label, "bigquery")
def _label_bigquery(element, compiler, within_group_by=False, **kw):
    """Its dialect groups by the names of labels; one that has no name is written out."""
    is_named = not isinstance(element.name, _anonymous_label)
    return compiler.visit_label(element, within_group_by=within_group_by and is_named, **kw)
