"""How BigQuery, Snowflake and Trino spell what `constructs` names: compiled in a test, run by nobody here.

Import it to have it: it reaches into how operators and labels are compiled, which takes time on every engine.
"""

from sqlalchemy import BinaryExpression, Label
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import _anonymous_label
from sqlalchemy.sql.operators import bitwise_and_op

from reportlib.warehouse.engines.constructs import any_bits, at_epoch_ms, epoch_ms, spelt

_EPOCH = "TIMESTAMP '1970-01-01 00:00:00'"

spelt(epoch_ms, "UNIX_MILLIS({})", "bigquery")
spelt(epoch_ms, "DATE_PART(epoch_millisecond, {})", "snowflake")
spelt(epoch_ms, f"date_diff('millisecond', {_EPOCH}, {{}})", "trino")
spelt(at_epoch_ms, "TIMESTAMP_MILLIS({})", "bigquery")
spelt(at_epoch_ms, "TO_TIMESTAMP_NTZ({}, 3)", "snowflake")
spelt(at_epoch_ms, f"date_add('millisecond', {{}}, {_EPOCH})", "trino")
spelt(any_bits, "BIT_OR({})", "bigquery")
spelt(any_bits, "BITOR_AGG({})", "snowflake")
spelt(any_bits, "bitwise_or_agg({})", "trino")


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
