"""The export, the JSON and the page say the same numbers."""

import csv
import json
import re

import pytest

from tests.in_process import reportlib
from tests.made_reports.conftest import CAMPAIGNS


@pytest.fixture(scope="module")
def exported(demo_url, tmp_path_factory):
    """Rows of `reportlib export summary`, by campaign and channel."""
    path = tmp_path_factory.mktemp("export") / "summary.csv"
    chosen = [argument for campaign in CAMPAIGNS for argument in ("--campaign", campaign)]
    done = reportlib("export", "summary", *chosen, "--to", path, database=demo_url)
    assert done.returncode == 0, done.stderr
    with path.open(encoding="utf-8", newline="") as lines:
        return {(row["campaign_id"], row["channel"]): row for row in csv.DictReader(lines)}


def test_the_export_has_exactly_the_promised_columns(exported):
    promised = """campaign_id, campaign_name, status, channel, audience, not_sent, sent, delivered, failed, pending,
        sent_pct_of_audience, delivered_pct_of_audience, failed_pct_of_audience, pending_pct_of_audience,
        delivered_pct_of_sent, failed_pct_of_sent, opened, opened_human, clicked, replied, unsubscribed, complained,
        opened_pct_of_delivered, opened_human_pct_of_delivered, clicked_pct_of_delivered, replied_pct_of_delivered,
        click_to_open_pct, opened_total, clicked_total, replied_total, data_as_of,
        delivered_implied, engagement_base, engagement_base_name,
        cost, currency, cost_per_delivered, cost_per_click"""
    assert list(next(iter(exported.values()))) == [name.strip() for name in promised.split(",")]


@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_the_json_says_what_the_export_says(exported, reports, campaign):
    about = json.loads((reports / f"post_campaign_review-{campaign}.json").read_text())
    for figures in about["figures"]:
        row = exported[campaign, figures["channel"]]
        for name, value in figures.items():
            if value is None:
                assert row[name] == ""
            elif isinstance(value, str):
                assert row[name].removeprefix("'") == value
            else:
                assert float(row[name]) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_the_cards_say_what_the_export_says(exported, looked_at, campaign):
    page, row = looked_at(f"post_campaign_review-{campaign}.html"), exported[campaign, "all"]
    for name in ("sent", "delivered", "failed", "pending"):
        card = page.locator(f".cards:not(.at-a-glance) .card.{name}")
        assert card.locator(".count").inner_text().split()[0] == f"{int(row[name]):,}"
        printed = float(re.match(r"[\d.]+", card.locator(".share").inner_text())[0])
        assert printed == pytest.approx(float(row[f"{name}_pct_of_audience"]), abs=0.0501)


@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_the_engagement_table_says_what_the_export_says(exported, looked_at, campaign):
    page = looked_at(f"post_campaign_review-{campaign}.html")
    behind = page.locator("[aria-label='The numbers: engagement'] tbody tr")
    cells = [row.evaluate("row => [...row.cells].map(cell => cell.textContent)") for row in behind.all()]
    ids = {"WhatsApp": "whatsapp", "SMS": "sms", "E-mail": "email"}
    labels = {"Opened": "opened", "Opened by people": "opened_human", "Clicked": "clicked", "Replied": "replied"}
    told = {(label, ids[channel]): (people, of) for label, channel, people, of, _ in cells}
    for label, metric in labels.items():
        for channel in {ids[channel] for _, channel, *_ in cells}:
            row = exported[campaign, channel]
            counted = ("–", "–")
            share, base = row[f"{metric}_pct_of_delivered"], int(row["engagement_base"])
            if share != "":
                counted = (f"{round(float(share) * base / 100):,}", f"{base:,}")
            assert told[label, channel] == counted, (label, channel)
