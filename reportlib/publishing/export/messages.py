"""The detailed export: one row per message, streamed from the database into one file."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from reportlib.metrics.failures.catalogue import meaning, meaning_of_code, read_catalogue
from reportlib.metrics.messages import detailed, failed_messages
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.publishing.export.streamed import copied, named, opened, pseudonym, suffix_of
from reportlib.warehouse import Warehouse
from reportlib.warehouse.source.message_columns import ENGAGEMENT, TEXTS, TIMES

WHICH = {  # rows by name, as conditions on `rows`
    "all": "true",
    "failed": "status = 'failed'",
    "retryable": "failed_last = 1 AND permanence = 'transient'",
    "permanent": "failed_last = 1 AND permanence = 'permanent'",
    "fixable": "failed_last = 1 AND permanence = 'fixable'",
}
_MACROS = (
    """CREATE TEMP MACRO failure_key(channel, provider, code, reason) AS
        concat_ws(chr(31), channel, coalesce(provider, ''), coalesce(code, ''), coalesce(reason, ''))""",
    # A code that has a meaning of its own has it whatever the reason.
    """CREATE TEMP MACRO meaning_key(channel, provider, code, reason) AS
        if(failure_key(channel, provider, code, NULL) IN (SELECT key FROM telling_codes),
        failure_key(channel, provider, code, NULL), failure_key(channel, provider, code, reason) || chr(31))""",
)


def write_detailed(
    warehouse: Warehouse,
    campaigns,
    path: Path,
    which: str = "all",
    anonymise: bool = False,
    tell: Callable[[float], None] | None = None,
    for_excel: bool = False,
) -> int:
    """Write one row per message of these campaigns to FILE.csv, .csv.gz or .parquet; the number of rows.

    The columns are those of `metrics.detailed`: times as ISO 8601 with the account's offset, failures with what they
    mean, cells of a CSV file harmless in a spreadsheet. `which`, one of WHICH: every message, the failed, those worth
    sending again, or those that it would be wrong to send again. `anonymise` replaces the ids of contacts and messages
    by HMAC-SHA256 with the key in REPORTLIB_ANONYMISE_KEY, and leaves out what a provider says and calls them. `tell`
    hears how much is done, as a percentage. `for_excel` a CSV file begins with a byte order mark.

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, InvalidParameters (a name of another format, no key), OutputError
    """
    suffix, hidden = suffix_of(path), pseudonym() if anonymise else None
    chosen = select_campaigns(warehouse, campaigns)
    cells = named(_cells(suffix, hidden), path, for_excel)
    rows = detailed(warehouse, chosen, which != "all")
    views = {"rows": rows, "failed_messages": [failed_messages(chosen)]}
    with opened(warehouse, views, _kind, path) as (database, temporary):
        database.execute("CREATE TEMP TABLE telling_codes (key VARCHAR)")
        for macro in _MACROS:
            database.execute(macro)
        _explain_failures(database)
        query = (
            f"SELECT {cells} FROM rows LEFT JOIN failure_meanings ON failure_meanings.key = CASE WHEN "
            f"status = 'failed' THEN meaning_key(channel, provider, failure_code, failure_reason) END "
            f"WHERE {WHICH[which]}"
        )
        return copied(database, query, path, temporary, tell)


def _cells(suffix: str, hidden: Callable[[str], str] | None) -> dict[str, str]:
    """The columns of the file in their order, and the SQL of each."""
    cells = {name: name for name in (*TEXTS[: TEXTS.index("status") + 1], "outcome")}
    cells |= {name: f"iso({name}, {name}_offset)" for name in TIMES}
    cells |= {"failure_class": "permanence", "failure_category": "failure_meanings.category"}
    cells |= {name: name for name in ("failure_code", "failure_reason", "failure_title", "advice")}
    texts = [name for name in cells if name not in TIMES] + ["currency", "category"]
    cells |= {"cost": "cost", "currency": "currency"}
    for first, number, by_machines in ENGAGEMENT.values():
        cells |= {first: f"iso({first}, {first}_offset)", number: f"coalesce({number}, 0)"}
        cells |= {by_machines: by_machines} if by_machines else {}
    cells |= {"category": "rows.category", "parts": "parts", "billable": "billable"}
    if hidden:
        cells |= {name: hidden(name) for name in ("message_id", "contact_id")}
        cells |= {name: "NULL::VARCHAR" for name in ("provider_message_id", "failure_reason")}
    if suffix != ".parquet":
        cells |= {name: f"harmless({cells[name]})" for name in texts}
    return cells


def _explain_failures(database):
    """The table failure_meanings: what each failure of `failed_messages` means, by `meaning_key`."""
    catalogue, columns = read_catalogue(), "channel, provider, failure_code"
    codes = database.execute(f"SELECT DISTINCT {columns}, failure_key({columns}, NULL) FROM failed_messages").fetchall()
    telling = [(key,) for *code, key in codes if meaning_of_code(catalogue, *code)]
    if telling:
        database.executemany("INSERT INTO telling_codes VALUES (?)", telling)
    failures = database.execute(
        f"SELECT {columns}, any_value(failure_reason), meaning_key({columns}, failure_reason) AS key "
        f"FROM failed_messages GROUP BY {columns}, key"
    ).fetchall()
    meanings = {key: meaning(catalogue, *failure) for *failure, key in failures}
    parts = {"permanence": "permanence", "category": "category", "failure_title": "title", "advice": "advice"}
    columns = {"key": list(meanings)}
    columns |= {name: [getattr(found, part) for found in meanings.values()] for name, part in parts.items()}
    database.register("explained", pd.DataFrame(columns, dtype="object"))  # one INSERT each takes half a millisecond
    texts = ", ".join(f"{name}::VARCHAR AS {name}" for name in columns)
    database.execute(f"CREATE TEMP TABLE failure_meanings AS SELECT {texts} FROM explained")
    database.unregister("explained")


def _kind(name: str) -> str:
    return "VARCHAR" if name in (*TEXTS, "outcome") else "DOUBLE" if name == "cost" else "BIGINT"
