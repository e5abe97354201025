"""Everything the engines spell differently, and nothing else; reports ask the same of DuckDB, PostgreSQL and SQLite.

`constructs`: SQL, one compilation per engine. `opening`: how a database is opened and locked. `bulk`: many rows at
once, in and out.
"""

from reportlib.warehouse.dialects.bulk import append, copy_out, csv_rows, made_anew, stage, stage_csv
from reportlib.warehouse.dialects.constructs import (
    any_flags,
    at_epoch_ms,
    computed_once,
    epoch_ms,
    in_byte_order,
    misfits,
    row_hash,
)
from reportlib.warehouse.dialects.opening import (
    ENGINES,
    MEMORY_VARIABLE,
    companions,
    compares_across_kinds,
    database_file,
    gather_statistics,
    index_lookups,
    keep_other_writers_out,
    memory_options,
    objects_to_statement,
    prepared,
    read_only_options,
    types_columns,
)

__all__ = [
    "ENGINES",
    "MEMORY_VARIABLE",
    "any_flags",
    "append",
    "at_epoch_ms",
    "companions",
    "compares_across_kinds",
    "computed_once",
    "copy_out",
    "csv_rows",
    "database_file",
    "epoch_ms",
    "gather_statistics",
    "in_byte_order",
    "index_lookups",
    "keep_other_writers_out",
    "made_anew",
    "memory_options",
    "misfits",
    "objects_to_statement",
    "prepared",
    "read_only_options",
    "row_hash",
    "stage",
    "stage_csv",
    "types_columns",
]
