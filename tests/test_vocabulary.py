"""`definitions` is the one list of metrics: a new kind of event is its entry there, and then stands everywhere.

The entry is added to a copy of the package, in which another process looks.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest

from reportlib.metrics.people.bits import FLAGS, NAMES, numbered
from reportlib.warehouse.engines import BITS
from tests import PROJECT

ENTRY = """
    Definition(
        "forwarded",
        "Forwarded",
        "forwarded",
        ("delivered",),
        "People who sent it on.",
        event="forwarded",
        columns=EventColumns("forwarded_at", "forwards"),
        proves_delivery=True,
        summed=True,
    ),
)

_BY_NAME"""

LOOK = """
import json, sys
import pandas as pd
from pathlib import Path
from sqlalchemy import create_engine
from reportlib import definitions, metrics
from reportlib.presentation.comparison.tables import side_by_side_rows
from reportlib.presentation.look.drawing.heatmap import activity_heatmap
from reportlib.presentation.look import table
from reportlib.presentation.review import tables
from reportlib.publishing.export.messages import write_detailed
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.callbacks.importing import Importer
from reportlib.warehouse.contract.tables import EVENT_KINDS
from tests.small_database import campaign, followed, small_database

folder = Path(sys.argv[1])
url = f"duckdb:///{folder / 'campaigns.duckdb'}"
arms = [campaign(name, experiment_id="x", variant=name).sent(9, provider="sendgrid").delivered(8) for name in "ab"]
database = small_database(*arms)
database.messages[0]["provider_message_id"] = "s1"
engine = create_engine(url)
followed(engine, database)
engine.dispose()
said = {"event": "forward", "sg_event_id": "f1", "sg_message_id": "s1.x", "email": "ann@example.org",
        "timestamp": int(database.messages[0]["delivered_at"].timestamp()) + 600}
with Importer("sendgrid", url) as importing:
    importing.add(json.dumps([said]).encode())
    importing.commit()
warehouse = open_warehouse(url)
by_channel = metrics.engagement(warehouse, "a", by="channel")
figures = metrics.summary(warehouse, "a").iloc[-1]
compared = metrics.comparable(warehouse, ["a", "b"])
design = metrics.design(warehouse, compared)
write_detailed(warehouse, "a", folder / "people.csv")
people = pd.read_csv(folder / "people.csv")
_, row = [row for row in side_by_side_rows(compared) if row.definition.name == "forwarded"]
print(json.dumps({
    "breakdown": int(metrics.breakdown(warehouse, "a", by="provider")["forwarded"].sum()),
    "breakdowns": int(metrics.breakdowns(warehouse, "a", by="country")["forwarded"].sum()),
    "events": int(by_channel["forwarded_total"].sum()),
    "engagement table": tables.engagement(by_channel).text,
    "summary": [int(figures["forwarded"]), int(figures["forwarded_total"]), figures["forwarded_pct_of_delivered"]],
    "detailed export": [int(people["forwards"].sum()), int(people["forwarded_at"].count())],
    "comparison": [verdict.metric for verdict in metrics.explore_campaigns(compared, design)],
    "side by side": [rate.count for rate in row.rates],
    "by age": int(metrics.response_by_age(warehouse, compared, "forwarded")["people"].max()),
    "activity": activity_heatmap(metrics.activity(warehouse, "a")).description,
    "definitions": table.definitions().text,
    "docs": definitions.as_markdown(),
    "contract": list(EVENT_KINDS),
}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Where "forwarded" is seen, by an entry of `definitions` and the word that one provider has for it."""
    folder = tmp_path_factory.mktemp("vocabulary")
    shutil.copytree(PROJECT / "reportlib", folder / "reportlib", ignore=shutil.ignore_patterns("*.pyc.*"))
    for name, old, new in (
        ("definitions.py", ")\n\n_BY_NAME", ENTRY.removeprefix("\n")),
        (
            "warehouse/callbacks/providers/sendgrid.py",
            '"click": "clicked"',
            '"click": "clicked", "forward": "forwarded"',
        ),
    ):
        text = (folder / "reportlib" / name).read_text()
        assert text.count(old) == 1
        (folder / "reportlib" / name).write_text(text.replace(old, new))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (folder, PROJECT)))}
    call = [sys.executable, "-c", LOOK, folder]
    done = subprocess.run(call, env=environment, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("where", ["breakdown", "breakdowns", "events", "by age"])
def test_it_is_counted(seen, where):
    assert seen[where] == 1


def test_it_is_in_every_export(seen):
    assert seen["summary"] == [1, 1, 12.5]
    assert seen["detailed export"] == [1, 1]


def test_campaigns_are_compared_by_it(seen):
    assert "forwarded" in seen["comparison"]
    assert seen["side by side"] == [1, 0]


@pytest.mark.parametrize("where", ["engagement table", "definitions", "docs"])
def test_it_is_told(seen, where):
    assert "Forwarded" in seen[where]


def test_it_has_a_map_of_the_week(seen):
    assert "Forwards" in seen["activity"]


def test_callbacks_and_contract_know_it(seen):
    assert seen["contract"][-1] == "forwarded"  # and SendGrid's callback is what was counted


class TestBits:
    def test_each_fact_has_a_bit_of_its_own(self):
        assert sum(FLAGS.values()) == 2 ** len(NAMES) - 1

    def test_there_is_room_for_as_many_as_there_are_bits(self):
        assert max(numbered([f"fact {n}" for n in range(BITS)]).values()) == 2 ** (BITS - 1)

    def test_one_more_is_refused(self):
        with pytest.raises(OverflowError, match=rf"{BITS + 1} facts of a person .* do not fit into {BITS} bits"):
            numbered([f"fact {n}" for n in range(BITS + 1)])
