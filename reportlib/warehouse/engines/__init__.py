"""Everything the engines spell differently, and nothing else: reports ask the same of each.

`constructs`: SQL, one compilation per engine. `opening`: how a database is opened and locked. `bulk`: many rows at
once, in and out. `postgresql`: its connections. Loaded only where they are used: `parquet` and `spark`, SQLAlchemy's
dialects of a folder and of Spark; `warehouses`, what is compiled and not run.
"""

from reportlib.warehouse.engines.altering import altered
from reportlib.warehouse.engines.bulk import append, copy_out, csv_chunks, csv_rows, made_anew, stage, stage_csv
from reportlib.warehouse.engines.constructs import (
    BITS,
    any_bits,
    at_epoch_ms,
    computed_once,
    epoch_ms,
    in_byte_order,
    latest_ms,
    misfits,
    narrowed,
    row_hash,
    tenfold,
)
from reportlib.warehouse.engines.opening import (
    ENGINES,
    MEMORY_VARIABLE,
    ONLY_READ,
    SHARE_OUT,
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
    "BITS",
    "ENGINES",
    "MEMORY_VARIABLE",
    "ONLY_READ",
    "SHARE_OUT",
    "altered",
    "any_bits",
    "append",
    "at_epoch_ms",
    "companions",
    "compares_across_kinds",
    "computed_once",
    "copy_out",
    "csv_chunks",
    "csv_rows",
    "database_file",
    "epoch_ms",
    "gather_statistics",
    "in_byte_order",
    "index_lookups",
    "keep_other_writers_out",
    "latest_ms",
    "made_anew",
    "memory_options",
    "misfits",
    "narrowed",
    "objects_to_statement",
    "prepared",
    "read_only_options",
    "row_hash",
    "stage",
    "stage_csv",
    "tenfold",
    "types_columns",
]
