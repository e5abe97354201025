"""Everything the engines spell differently, and nothing else: reports ask the same of each.

One file per engine says how it is opened and locked, how many rows go in and out at once, and how it spells SQL;
`opening`, `bulk` and `constructs` say what that means, and what an engine does whose file says nothing else. A new
engine is its file and its line in `by_engine`. `compiled_only` is what is compiled, and run by nobody here.
"""

from sqlalchemy.dialects import registry

from reportlib.warehouse.engines.altering import altered
from reportlib.warehouse.engines.bulk import (
    append,
    as_lines,
    copy_out,
    csv_chunks,
    made_anew,
    stage,
    stage_lines,
    temporary,
)
from reportlib.warehouse.engines.by_engine import ENGINES, load
from reportlib.warehouse.engines.constructs import (
    BITS,
    any_bits,
    at_epoch_ms,
    bucket_start,
    computed_once,
    epoch_ms,
    happened_by,
    in_byte_order,
    latest_ms,
    misfits,
    narrowed,
    position_of,
    row_hash,
    sound,
    sound_ms,
    tenfold,
)
from reportlib.warehouse.engines.duckdb import MEMORY_VARIABLE, csv_rows
from reportlib.warehouse.engines.opening import (
    arrays_of,
    as_stored,
    companions,
    compares_across_kinds,
    database_file,
    gather_statistics,
    has_companions,
    index_lookups,
    is_about_tls,
    is_in_process,
    is_stopped,
    keep_other_writers_out,
    keeps_fold,
    keeps_indexes,
    memory_options,
    objects_to_statement,
    only_read,
    place_to_keep,
    prepared,
    read_only_options,
    shares_out,
    shuts_readers_out,
    types_columns,
)

for _name, _known in ENGINES.items():
    if _known.dialect:  # in the stead of another's of that name; its file is loaded when it is first used
        registry.register(_name, f"{__name__}.{_known.file}", _known.dialect)
    else:
        load(_name)
