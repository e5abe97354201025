"""A test of send times: everybody once, by lot, the same for the same seed; loaded, it is an experiment and is read."""

import csv
from datetime import timedelta

import pandas as pd
import pytest

from reportlib import metrics
from reportlib.errors import InvalidParameters, OutputError
from reportlib.metrics.comparison.design.design import design
from reportlib.presentation.send_times import findings
from reportlib.publishing.export.send_time_test import write_test
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.connection import connect
from reportlib.warehouse.load import load_folder
from tests.small_database import START, fill, followed, small_database

SLOTS = ("tue 10", "Tuesday 19h")
FORMULA = "=1+1"


def people(count=41):
    """People written to on WhatsApp a while ago; one of them left, one has an id that a spreadsheet would run."""
    database = small_database()
    database.campaign("before", start=START)
    for name in [*(f"p{number:02}" for number in range(count - 1)), FORMULA]:
        database.contact(name, segments=("half",) if name < "p20" else ())
        last = database.message("before", name, channel="whatsapp")
    database.segment("half")
    database.event(last | {"message_id": "m1"}, "unsubscribed")
    return database


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The test as it was written, and the database that it was loaded into."""
    folder = tmp_path_factory.mktemp("test")
    address = f"sqlite:///{folder / 'campaigns.db'}"
    engine = connect(address)
    fill(engine, people())
    engine.dispose()
    test = metrics.send_time_test(open_warehouse(address), SLOTS, week="2027-W10")
    write_test(test, folder / "written")
    load_folder(folder / "written" / "load", address)
    return folder / "written", open_warehouse(address), test


def test_everybody_is_in_one_slot_by_lot(loaded):
    *_, test = loaded
    assert test.split["contact_id"].is_unique and set(test.split["contact_id"]) == {
        *(f"p{number:02}" for number in range(1, 40)),  # the first left
        FORMULA,
    }
    assert test.split["slot"].value_counts().to_dict() == {"Tue 10 h": 20, "Tue 19 h": 20}
    assert set(test.split["send_at"]) == {"2027-03-09T10:00+00:00", "2027-03-09T19:00+00:00"}
    assert test.split["slot"].ne(test.split["slot"].shift()).sum() > 5  # not the first half and the second


def test_the_same_seed_splits_alike_and_another_does_not(duckdb):
    warehouse = fill(duckdb, people())
    once, again, other = (
        metrics.send_time_test(warehouse, SLOTS, week="2027-W10", seed=seed, people=20).split for seed in (1, 1, 2)
    )
    assert once.equals(again) and not once.equals(other)
    of_segment = metrics.send_time_test(warehouse, SLOTS, week="2027-W10", segment="half").split
    assert set(of_segment["contact_id"]) == {f"p{number:02}" for number in range(1, 20)} | {FORMULA}


def test_what_is_written_is_harmless_and_what_is_loaded_is_as_it_was(loaded, duckdb):
    folder, warehouse, test = loaded
    rows = list(csv.DictReader((folder / "split.csv").open(encoding="utf-8")))
    assert f"'{FORMULA}" in {row["contact_id"] for row in rows} and len(rows) == 40
    told = warehouse.sql("select contact_id, variant, campaign_id from assignments")
    assert FORMULA in set(told["contact_id"])
    expected = test.split.rename(columns={"slot": "variant"})[["contact_id", "variant", "campaign_id"]]
    pd.testing.assert_frame_equal(told.sort_values("contact_id", ignore_index=True), expected, check_dtype=False)
    known = metrics.campaigns(warehouse).set_index("campaign_id")
    assert set(known.loc[test.campaigns["campaign_id"], "status"]) == {"scheduled"}
    before = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(OutputError, match="another test"):
        write_test(metrics.send_time_test(fill(duckdb, people()), SLOTS, week="2027-W10", seed=7), folder)
    assert before == {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(InvalidParameters, match="already"):
        metrics.send_time_test(warehouse, SLOTS, week="2027-W10")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"slots": ("tue 10",)}, "two different slots"),
        ({"slots": ("tue 10", "tuesday 10:00")}, "two different slots"),
        ({"slots": ("tue 10", "noon")}, "'noon' is no slot"),
        ({"slots": ("tue 10", "tue 24")}, "'tue 24' is no slot"),
        ({"week": "2020-W01"}, "is over"),
        ({"channel": "fax"}, "no channel 'fax'"),
        ({"segment": "third"}, "no segment 'third'"),
        ({"people": 100}, "40 can be reached"),
        ({"experiment": "../x"}, "no name for an experiment"),
    ],
)
def test_what_cannot_be_split_is_said(duckdb, asked, said):
    warehouse = fill(duckdb, people())
    with pytest.raises(InvalidParameters, match=said):
        metrics.send_time_test(warehouse, **({"slots": SLOTS, "week": "2027-W10"} | asked))


def test_its_result_is_read_as_an_experiments_per_person_assigned(duckdb):
    """Of 400 in each arm 40 and 100 clicked; 60 of the evening's got nothing, and are in its base."""
    database = small_database()
    for slot, hour, clicks, got in (("Tue 10 h", 0, 40, 400), ("Tue 19 h", 9, 100, 340)):
        name, at = f"t-{hour}", START + timedelta(hours=hour)
        database.campaign(name, start=at, completed_at=at, experiment_id="t", variant=slot)
        ids = [f"{name}-{number}" for number in range(400)]
        for number, contact in enumerate(ids):
            database.contact(contact)
            if number < got:
                message = database.message(name, contact, at=at)
                if number < clicks:
                    database.event(message, "clicked")
        database.assigned("t", slot, name, ids, at=None)
    warehouse = followed(duckdb, database, 14)
    (told,) = metrics.send_time_tests(warehouse).to_dict("records")
    assert (told["experiment_id"], told["word"], told["is_final"]) == ("t", "higher", True)
    assert "25.0 % against 10.0 % of assigned" in told["sentence"]
    compared = metrics.comparable(warehouse, ["t-0", "t-9"])
    assert design(warehouse, compared).is_sound
    weekly = metrics.final_verdicts(warehouse, "acme", metrics.parse_week("2026-W46", warehouse.opened_ms, "UTC"))
    assert weekly["sentence"].tolist() == [told["sentence"]]
    (said,) = findings.tested(metrics.send_time_tests(warehouse))
    assert said.text.startswith("Split at random: Clicked: Campaign t-9 is higher")
    assert metrics.send_time_tests(warehouse, ["t-0"]).empty  # no test of its own
