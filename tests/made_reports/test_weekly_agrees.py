"""A weekly review says the same on its page, in its JSON, in the export and in each campaign's own review."""

import csv
import json
from datetime import datetime

import pytest

from reportlib.warehouse.demo import PLAN
from tests.in_process import reportlib
from tests.made_reports.conftest import WEEKLY

PLANNED = {campaign.campaign_id: campaign for campaign in PLAN.campaigns}
CAMPAIGNS = [
    name
    for name, campaign in PLANNED.items()
    if campaign.account_id == "acai" and campaign.status == "sent" and campaign.start >= datetime(2026, 11, 9)
]


@pytest.fixture(scope="module")
def about(reports):
    return json.loads((reports / f"{WEEKLY}.json").read_text())


@pytest.fixture(scope="module")
def exported(demo_url, tmp_path_factory):
    """Rows of `reportlib export summary` of the week's campaigns, by campaign and channel."""
    path = tmp_path_factory.mktemp("export") / "summary.csv"
    chosen = [argument for campaign in CAMPAIGNS for argument in ("--campaign", campaign)]
    done = reportlib("export", "summary", *chosen, "--to", path, database=demo_url)
    assert done.returncode == 0, done.stderr
    with path.open(encoding="utf-8", newline="") as lines:
        return {(row["campaign_id"], row["channel"]): row for row in csv.DictReader(lines)}


def test_the_json_says_what_the_export_says(about, exported):
    assert sorted(about["campaign_ids"]) == sorted(CAMPAIGNS)
    assert len(about["figures"]) == len(exported)
    for figures in about["figures"]:
        row = exported[figures["campaign_id"], figures["channel"]]
        for name in set(figures) - {"channel"}:
            told, value = row[name], figures[name]
            if value is None:
                assert told == "", name
            elif isinstance(value, str):
                assert told == value, name
            else:
                assert float(told) == pytest.approx(value, abs=1e-9), name


def test_the_cards_and_the_table_say_what_the_export_says(about, exported, reports, opened):
    page, whole = opened(reports / f"{WEEKLY}.html"), [exported[campaign, "all"] for campaign in CAMPAIGNS]
    for card in about["cards"]:
        shown = page.locator(".at-a-glance .card", has_text=card["label"]).first
        assert shown.locator(".count").inner_text().replace("\n", " ") == f"{card['count']} {card['share']}".strip()
    for name in ("sent", "delivered", "failed", "pending"):
        shown = page.locator(f".cards:not(.at-a-glance) .card.{name} .count")
        assert shown.inner_text().split()[0] == f"{sum(int(row[name]) for row in whole):,}"
    lines = page.locator("table", has_text="Figures to date").locator("tbody tr")
    assert lines.count() == len(CAMPAIGNS)
    for row in whole:
        line = lines.filter(has_text=row["campaign_name"]).inner_text()
        assert f"{int(row['audience']):,}" in line
    mailed = exported["cooking-tips", "email"]
    clicked, base = (float(mailed[name]) for name in ("clicked_pct_of_delivered", "engagement_base"))
    line = lines.filter(has_text=mailed["campaign_name"]).inner_text()
    assert f"E-mail {clicked:.1f}\u202f% of {base:,.0f} delivered" in line


@pytest.mark.parametrize("width", [1280, 390])
def test_the_small_pictures_are_seen_and_told(reports, opened, width):
    page = opened(reports / f"{WEEKLY}.html", width)
    pictures = page.locator("svg.spark")
    assert pictures.count() == sum(len(PLANNED[campaign].channels) for campaign in CAMPAIGNS)
    picture = page.locator("tr", has_text=PLANNED["points-expiring"].name).locator("svg.spark")
    assert picture.bounding_box()["width"] >= 100
    assert "10 earlier campaigns" in picture.get_attribute("aria-label")


def test_the_index_says_how_the_week_went(about, reports, opened):
    line = opened(reports / "index.html").locator("tr", has_text="Week 46, 9–15 Nov 2026").inner_text()
    assert about["findings"][0]["text"] in line
    assert "far below 95\u202f% goal" in line


def test_the_next_review_tells_what_was_restated(demo_url, reports, tmp_path):
    """The clicks that this review stored are made fewer, as if some had come since."""
    earlier = json.loads((reports / f"{WEEKLY}.json").read_text())
    for row in earlier["snapshot"]:
        row["clicked"] = max(0, row["clicked"] - 1)
    (tmp_path / "earlier.json").write_text(json.dumps(earlier))
    parameters = tmp_path / "weekly_review" / "next.yaml"
    parameters.parent.mkdir()
    parameters.write_text(f"week: 2026-W47\nearlier: {tmp_path / 'earlier.json'}")
    done = reportlib("run", parameters, "--output", tmp_path, database=demo_url)
    assert done.returncode == 0, done.stderr
    about = json.loads((tmp_path / "weekly_review-acai-2026-w47.json").read_text())
    before, now = (
        sum(row["clicked"] for row in one["snapshot"] if row["channel"] == "all" and row["campaign_id"] in CAMPAIGNS)
        for one in (earlier, about)
    )
    texts = [finding["text"] for finding in about["findings"]]
    assert texts[0].startswith("Nothing was sent in week 47.")
    assert any(f"clicked {before:,} → {now:,} (+" in text for text in texts), texts
