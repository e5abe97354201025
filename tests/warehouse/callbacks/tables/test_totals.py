"""Files of totals: known by their header, each total once, each row used or refused by its line."""

import json
import re
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from reportlib import metrics, open_warehouse
from reportlib.cli import main
from reportlib.errors import InvalidData
from reportlib.warehouse.callbacks.tables.total_table.reading import DIFFERS, read_totals
from reportlib.warehouse.callbacks.tables.total_table.shapes import SHAPES, listing
from tests import PROJECT
from tests.warehouse.callbacks.tables.downloaded import as_workbook

BERLIN = ZoneInfo("Europe/Berlin")
MAILCHIMP = """Campaign report,2026-11-20
Title,Subject,List,Send Date,Total Recipients,Successful Deliveries,Soft Bounces,Hard Bounces,Unique Opens,Total Opens,\
Unique Clicks,Total Clicks,Unsubscribes,Abuse Complaints
"October, ""big"" one",Hi,All,"Oct 07, 2026 10:00 am","1,020","1,000",12,8,400,650,90,120,3,
November,Ho,All,"Nov 03, 2026 10:00 am",1030,1010,12,8,x,650,90,120,3,0
"""
WIDE = """campaign;channel;started_at;sent;delivered;opened;clicked;clicked_total
Spring;whatsapp;2026-10-01T09:00;500;480;300;40;55
Spring;SMS;2026-10-01T09:00;100;90;;4;
Spring;fax;2026-10-01T09:00;100;90;;4;
;sms;2026-10-01T09:00;100;90;;4;
"""


def counts(read):
    """(campaign, channel, what) → (people, times)."""
    return {key: (one.people, one.times) for key, one in read.totals.items()}


def analytics(*points, wrapped=True):
    day = {"granularity": "DAILY", "data_points": list(points)}
    return json.dumps({"template_analytics": {"data": [day]}} if wrapped else {"data": [day], "paging": {}})


def point(template="117", start=1_790_000_000, sent=100, delivered=95, read=60, **more):
    counted = {"sent": sent, "delivered": delivered, "read": read, **more}
    return {"template_id": template, "start": start, "end": start + 86_400, **counted}


@pytest.fixture
def imported(tmp_path):
    """Import a file of this name and text as a user does: exit code, and what was said."""
    url = f"duckdb:///{tmp_path / 'campaigns.duckdb'}"

    def run(name, text, *options):
        (tmp_path / name).write_text(text, encoding="utf-8")
        done = CliRunner().invoke(main, ["import", str(tmp_path / name), "--to", url, *options])
        return done.exit_code, done.output

    run.url = url
    return run


def test_mailchimps_campaigns(tmp_path):
    (tmp_path / "campaigns.csv").write_text(MAILCHIMP)
    read = read_totals(tmp_path / "campaigns.csv", BERLIN)
    assert read.title == "Mailchimp: campaigns"
    assert counts(read) == {
        ('October, "big" one', "email", what): count
        for what, count in {
            "sent": (1020, None),
            "delivered": (1000, None),
            "failed": (20, None),
            "opened": (400, 650),
            "clicked": (90, 120),
            "unsubscribed": (3, None),
        }.items()
    }
    assert read.refused == {4: "'x' is no whole number"}
    assert {f"{one.started_at:%Y-%m-%d %H:%M}" for one in read.totals.values()} == {"2026-10-07 08:00"}


def test_a_row_for_each_campaign_and_what_is_refused(imported):
    code, said = imported("totals.csv", WIDE, "--account", "Shop", "--timezone", "Europe/Berlin")
    assert code == 1 and "totals, a row for each campaign" in said
    assert "'fax' is none of whatsapp, sms, email (1): totals.csv line 4" in said
    assert "does not say of which campaign it is (1): totals.csv line 5" in said
    warehouse = open_warehouse(imported.url)
    rows = metrics.summary(warehouse, "Spring").set_index("channel")
    assert rows["sent"].to_dict() == {"sms": 100, "whatsapp": 500, "all": 600}
    assert rows.loc["whatsapp", ["opened_pct_of_delivered", "clicked_total"]].tolist() == [62.5, 55]
    about = metrics.campaigns(warehouse).iloc[0]
    assert (about.account, about.timezone, about.status) == ("Shop", "Europe/Berlin", "completed")
    assert f"{about.started_at:%H:%M}" == "07:00"
    warehouse.engine.dispose()
    code, said = imported("totals.csv", WIDE.replace(";fax", ";email").replace("\n;sms", "\nAutumn;sms"))
    assert code == 0 and re.search(r"duplicates +7", said)  # replaced, and of the only account
    assert set(metrics.campaigns(open_warehouse(imported.url))["account"]) == {"Shop"}


def test_our_own_table_in_a_spreadsheet(tmp_path):
    rows = [["campaign_id", "channel", "what", "people", "total"], ["a", "email", "sent", 100, ""]]
    rows += [["a", "email", "opened", "", 512], ["a", "email", "sent", 101, ""]]
    (tmp_path / "campaign_totals.xlsx").write_bytes(as_workbook(rows))
    read = read_totals(tmp_path / "campaign_totals.xlsx", BERLIN)
    assert counts(read) == {("a", "email", "sent"): (100, None), ("a", "email", "opened"): (None, 512)}
    assert list(read.refused.values()) == [DIFFERS]


@pytest.mark.parametrize("wrapped", [True, False])
def test_template_analytics_are_added_up(imported, tmp_path, wrapped):
    buttons = [{"type": "url_button", "button_content": "Shop", "count": 7}, {"type": "x", "count": 2}]
    text = analytics(point(clicked=buttons), point(start=1_790_086_400, sent=10, delivered=9, read=6), wrapped=wrapped)
    code, said = imported("analytics.json", text, "--campaign", "Spring")
    assert code == 0 and "WhatsApp template analytics" in said
    row = metrics.summary(open_warehouse(imported.url), "Spring").iloc[-1]
    assert (row.sent, row.delivered, row.opened, row.clicked_total) == (110, 104, 66, 9)
    assert row[["failed", "clicked", "clicked_pct_of_delivered"]].isna().all()
    assert row.data_as_of == "2026-09-23T14:13:20Z"


def test_several_templates_are_several_campaigns(tmp_path):
    path = tmp_path / "analytics.json"
    path.write_text(analytics(point(), point("118", clicked=3)))
    read = read_totals(path, BERLIN)
    assert {campaign for campaign, _, _ in read.totals} == {"117", "118"}
    with pytest.raises(InvalidData, match="2 templates"):
        read_totals(path, BERLIN, "Spring")


@pytest.mark.parametrize("odd", [{"sent": -1}, {"sent": "many"}, {"start": 10**30}, {"clicked": [{"count": None}]}])
def test_odd_analytics_are_refused_or_read(tmp_path, odd):
    path = tmp_path / "analytics.json"
    path.write_text(analytics(point() | odd))
    if "clicked" in odd:
        assert read_totals(path, BERLIN).totals["117", "whatsapp", "clicked"].times == 0
    else:
        with pytest.raises(InvalidData, match="no template analytics that can be used"):
            read_totals(path, BERLIN)


@pytest.mark.parametrize(
    "text", ["", "campaign_id,contact_id,channel,status,sent\n", "a,b\n1,2\n", "{}", "[1]", '{"data_points": [3]}']
)
def test_what_is_no_file_of_totals_is_left_to_others(tmp_path, text):
    for name in ("file.csv", "file.json"):
        (tmp_path / name).write_text(text)
        assert read_totals(tmp_path / name, BERLIN) is None


def test_totals_and_messages_are_not_mixed(imported, tmp_path):
    (tmp_path / "log.csv").write_text("campaign_id,contact_id,channel\n")
    code, said = imported("totals.csv", WIDE, str(tmp_path / "log.csv"))
    assert code == 2 and "by themselves" in said


def test_the_document_lists_them():
    head, rows = listing()
    text = (PROJECT / "docs" / "importing.md").read_text()
    assert len(rows) == len(SHAPES)
    for row in (head, *rows):
        assert f"| {' | '.join(row)} |" in text
