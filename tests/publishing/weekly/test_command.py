"""`reportlib weekly` as a scheduler runs it, on the real notebooks: what it prints, leaves and exits with."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import create_engine

from tests.conftest import reportlib
from tests.small_database import START, campaign, fill, small_database

WEEK = "2026-W45"


@pytest.fixture
def ten_campaigns(duckdb_url):
    """Ten campaigns that finished in week 45; c3 has a message on a channel that there is not."""
    finished = {"completed_at": START + timedelta(hours=2)}
    campaigns = [
        campaign(f"c{n}", audience=30, **finished).sent(28).delivered(25, opened=9, clicked=4).failed(2, code="30005")
        for n in range(10)
    ]
    database = small_database(*campaigns)
    database.message("c3", "c3/0", channel="fax")
    engine = create_engine(duckdb_url)
    fill(engine, database)
    engine.dispose()
    return duckdb_url


def test_one_broken_campaign_of_ten(ten_campaigns, tmp_path):
    edition, out = tmp_path / "weekly.yaml", tmp_path / "out"
    edition.write_text("reports: {post_campaign_review: {breakdowns: [country]}}")
    asked = ("weekly", edition, "--week", WEEK, "--output", out)

    planned = reportlib(*asked, "--plan", database=ten_campaigns)
    assert planned.returncode == 0, planned.stderr
    assert planned.stdout.count("to be made: it is new") == 10
    assert not out.exists()

    done = reportlib(*asked, database=ten_campaigns)
    assert done.returncode == 1
    assert done.stderr.count("  made\n") == 9
    assert done.stderr.count("FAILED: KeyError: 'fax'\n") == 1
    assert done.stdout == f"{out / 'index.html'}\n"
    abouts = {file.stem[-2:]: json.loads(file.read_text()) for file in (out / WEEK).glob("*.json")}
    assert sorted(name for name, about in abouts.items() if "failure" in about) == ["c3"]
    assert len(abouts) == 10
    assert "This report could not be made" in (out / WEEK / "post_campaign_review-c3.html").read_text()
    index = (out / WEEK / "index.html").read_text()
    assert index.index("KeyError: &#x27;fax&#x27;") < index.index("post_campaign_review-c0.html")
    assert "1 not made" in (out / "index.html").read_text()

    again = reportlib(*asked, database=ten_campaigns)
    assert again.returncode == 1
    assert again.stderr.count("unchanged since") == 9
    assert "1/1  post_campaign_review-c3.html" in again.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--dry-run"], "--dry-run and --resend go with --mail"),
        (["--mail"], "says nothing of mail: see docs/mail.md"),
        (["--week", "2026-W54"], "'2026-W54' is no week: 2026 has the weeks 1 to 53"),
    ],
)
def test_what_does_not_go_together_is_said(ten_campaigns, tmp_path, options, said):
    edition = tmp_path / "weekly.yaml"
    edition.write_text("reports: {post_campaign_review: {}}")
    done = reportlib("weekly", edition, "--output", tmp_path / "out", *options, database=ten_campaigns)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mail_server_that_is_not_set_is_said_before_anything_runs(ten_campaigns, tmp_path):
    edition = tmp_path / "weekly.yaml"
    edition.write_text("mail: {mailings: [{to: [a@example.com], about: weekly_review}]}")
    unset = {"REPORTLIB_SMTP_URL": "", "REPORTLIB_MAIL_FROM": ""}
    done = reportlib("weekly", edition, "--mail", "--output", tmp_path / "out", database=ten_campaigns, **unset)
    assert (done.returncode, done.stdout) == (1, "")
    assert "REPORTLIB_SMTP_URL" in done.stderr
    assert not (tmp_path / "out").exists()
