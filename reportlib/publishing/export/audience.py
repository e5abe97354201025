"""The people to act on, streamed from the database into one file."""

from collections.abc import Sequence
from pathlib import Path

from reportlib.errors import InvalidParameters
from reportlib.metrics.audience.lists import TEXTS, TIMES, people_listed
from reportlib.publishing.export.streamed import copied, named, opened, pseudonym, suffix_of
from reportlib.warehouse import Warehouse


def write_people(
    warehouse: Warehouse,
    path: Path,
    account=None,
    anonymise: bool = False,
    addresses: Sequence[str] = (),
    raw: bool = False,
    for_excel: bool = False,
    **which,
) -> int:
    """Write the people of `people_listed`, which takes `which`, to FILE.csv, .csv.gz or .parquet; the number of rows.

    Times are ISO 8601 with the account's offset. `addresses` names attributes that have them: without, none is in the
    file. `anonymise` replaces contact_id by HMAC-SHA256 with the key in REPORTLIB_ANONYMISE_KEY. Cells of a CSV file
    are harmless in a spreadsheet, unless `raw`: then +447… stands there without an apostrophe. `for_excel` a CSV
    file begins with a byte order mark.

    Raises
    ------
    InvalidParameters (a name of another format, no key, addresses of people who are to be anonymous), OutputError
    """
    if anonymise and addresses:
        raise InvalidParameters("an address names a person: ask for the addresses, or for anonymous people")
    suffix, hidden = suffix_of(path), pseudonym() if anonymise else None
    rows = people_listed(warehouse, account, addresses=tuple(addresses), **which)
    cells = {name: name for name in TEXTS}
    cells |= {"contact_id": hidden("contact_id")} if hidden else {}
    cells |= {name: f"iso({name}, {name}_offset)" for name in TIMES}
    cells |= {"messages_in_30_days": "messages_in_30_days"} | {name: name for name in addresses}
    if suffix != ".parquet" and not raw:
        cells |= {name: f"harmless({cells[name]})" for name in (*TEXTS, *addresses)}
    told = named(cells, path, for_excel)
    with opened(warehouse, {"rows": [rows]}, lambda name: _kind(name, addresses), path) as (database, temporary):
        return copied(database, f"SELECT {told} FROM rows", path, temporary)


def _kind(name, addresses) -> str:
    return "VARCHAR" if name in (*TEXTS, *addresses) else "BIGINT"
