"""`reportlib weekly` as a scheduler runs it, on the real notebooks: what it prints, leaves and exits with."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import create_engine

from tests.in_process import reportlib
from tests.small_database import START, campaign, fill, small_database

WEEK = "2026-W45"


@pytest.fixture
def two_campaigns(duckdb_url):
    """Two campaigns that finished in week 45; c1 has a message on a channel that there is not."""
    finished = {"completed_at": START + timedelta(hours=2)}
    campaigns = [
        campaign(f"c{n}", audience=30, **finished).sent(28).delivered(25, opened=9, clicked=4).failed(2, code="30005")
        for n in range(2)
    ]
    database = small_database(*campaigns)
    database.message("c1", "c1/0", channel="fax")
    engine = create_engine(duckdb_url)
    fill(engine, database)
    engine.dispose()
    return duckdb_url


def test_one_broken_campaign_of_two(two_campaigns, tmp_path):
    edition, out = tmp_path / "weekly.yaml", tmp_path / "out"
    edition.write_text("reports: {post_campaign_review: {breakdowns: [country]}}")
    asked = ("weekly", edition, "--week", WEEK, "--output", out)

    planned = reportlib(*asked, "--plan", database=two_campaigns)
    assert planned.returncode == 0, planned.stderr
    assert planned.stdout.count("to be made: it is new") == 2
    assert not out.exists()

    done = reportlib(*asked, database=two_campaigns)
    assert done.returncode == 1
    assert done.stderr.count("  made\n") == 1
    assert done.stderr.count("FAILED: KeyError: 'fax'\n") == 1
    assert done.stdout == f"{out / 'index.html'}\n"
    abouts = {file.stem[-2:]: json.loads(file.read_text()) for file in (out / WEEK).glob("*.json")}
    assert sorted(name for name, about in abouts.items() if "failure" in about) == ["c1"]
    assert len(abouts) == 2
    assert "This report could not be made" in (out / WEEK / "post_campaign_review-c1.html").read_text()
    index = (out / WEEK / "index.html").read_text()
    assert index.index("KeyError: &#x27;fax&#x27;") < index.index("post_campaign_review-c0.html")
    assert "1 not made" in (out / "index.html").read_text()

    again = reportlib(*asked, database=two_campaigns)
    assert again.returncode == 1
    assert again.stderr.count("unchanged since") == 1
    assert "1/1  post_campaign_review-c1.html" in again.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--dry-run"], "--dry-run and --resend go with --mail"),
        (["--notify"], "has no `notify:`: see docs/chats.md"),
        (["--mail"], "says nothing of mail: see docs/mail.md"),
        (["--week", "2026-W54"], "'2026-W54' is no week: 2026 has the weeks 1 to 53"),
    ],
)
def test_what_does_not_go_together_is_said(two_campaigns, tmp_path, options, said):
    edition = tmp_path / "weekly.yaml"
    edition.write_text("reports: {post_campaign_review: {}}")
    done = reportlib("weekly", edition, "--output", tmp_path / "out", *options, database=two_campaigns)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mail_server_that_is_not_set_is_said_before_anything_runs(two_campaigns, tmp_path):
    edition = tmp_path / "weekly.yaml"
    edition.write_text("mail: {mailings: [{to: [a@example.com], about: weekly_review}]}")
    unset = {"REPORTLIB_SMTP_URL": "", "REPORTLIB_MAIL_FROM": ""}
    done = reportlib("weekly", edition, "--mail", "--output", tmp_path / "out", database=two_campaigns, **unset)
    assert (done.returncode, done.stdout) == (1, "")
    assert "REPORTLIB_SMTP_URL" in done.stderr
    assert not (tmp_path / "out").exists()
