"""What was written as a file and loaded comes out as it went in."""

import csv
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from reportlib.warehouse.contract.tables import NOTHING, TABLES
from reportlib.warehouse.load import load_folder
from tests import examples
from tests.warehouse.load.loaded import as_utc, contents

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8) | st.sampled_from(
    ['"', '""', ",", "\n", "\r\n", "\r", "NULL", "null", "\\N", " ", "=1+1", "a\nb,c\n", "nan", "007", "\ufeff"]
)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)).flatmap(
    lambda moment: st.sampled_from([-11, 0, 5.5, 14]).map(
        lambda hours: moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    )
)
message_rows = st.lists(
    st.fixed_dictionaries(
        {
            "message_id": texts.filter(bool),
            "campaign_id": texts.filter(bool),
            "contact_id": texts.filter(bool),
            "channel": st.sampled_from(["sms", "email", "whatsapp"]),
            "status": st.sampled_from(["queued", "sent", "delivered", "failed"]),
            "sent_at": st.none() | moments,
            "failure_reason": st.none() | texts,
            "cost": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        }
    ),
    unique_by=lambda message: message["message_id"],
    max_size=6,
)
ROUND_TRIPS = settings(max_examples=examples(3), deadline=None, suppress_health_check=list(HealthCheck))


def loaded_messages(write, rows):
    """What comes out of a database into which the file that `write` makes of these rows was loaded."""
    with tempfile.TemporaryDirectory() as place:
        write(Path(place), rows)
        url = f"duckdb:///{place}/campaigns.duckdb"
        load_folder(place, url)
        found = contents(url)["messages"]
    by_id = {message["message_id"]: message for message in found}
    assert len(by_id) == len(rows)
    picked = [{name: by_id[row["message_id"]][name] for name in row} for row in rows]
    return [message | {"sent_at": message["sent_at"] and as_utc(message["sent_at"])} for message in picked]


@ROUND_TRIPS
@given(message_rows, st.sampled_from(["\n", "\r\n"]), st.sampled_from([",", ";", "\t"]))
def test_round_trip_through_csv(rows, line_end, delimiter):
    def write(place, rows):
        with (place / "messages.csv").open("w", encoding="utf-8", newline="") as file:
            names = list(rows[0]) if rows else [c.name for c in TABLES["messages"].columns if not c.nullable]
            writer = csv.DictWriter(
                file, names, lineterminator=line_end, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC
            )
            writer.writeheader()
            writer.writerows(rows)

    assume(
        not any(row[name].lower() in NOTHING for row in rows for name in ("message_id", "campaign_id", "contact_id"))
    )
    said = [(row["failure_reason"] or "").lower() in ("", *NOTHING) for row in rows]
    expected = [
        {**row, "failure_reason": None if no else row["failure_reason"]} for row, no in zip(rows, said, strict=True)
    ]
    assert loaded_messages(write, rows) == expected


@ROUND_TRIPS
@given(message_rows)
def test_round_trip_through_parquet(rows):
    def write(place, rows):
        with duckdb.connect() as database:
            database.execute(
                "CREATE TABLE t (message_id TEXT, campaign_id TEXT, contact_id TEXT, channel TEXT, status TEXT, "
                "sent_at TIMESTAMPTZ, failure_reason TEXT, cost DOUBLE)"
            )
            columns = [column for column, *_ in database.execute("DESCRIBE t").fetchall()]
            if rows:
                values = [[row[column] for column in columns] for row in rows]
                database.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
            database.execute(f"COPY t TO '{place}/messages.parquet' (FORMAT parquet)")

    assert loaded_messages(write, rows) == rows
