"""`reportlib start`: from what a new user has to the first page."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine

from reportlib.cli import main
from tests import PROJECT
from tests.small_database import campaign, fill, small_database
from tests.warehouse.callbacks.tables.downloaded import as_csv

MAPPED = "Who;When;What\nann;2.11.2026 10:00;angekommen\nbob;2.11.2026 10:00;fehlgeschlagen\n"
MAPPING = """
columns: {contact_id: Who, sent_at: When, status: What}
fixed: {campaign_id: brief, channel: sms}
statuses: {angekommen: delivered, fehlgeschlagen: failed}
"""
HERE = "duckdb:///campaigns.duckdb"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A new user's folder, with three files and a platform's database; not one of the project's."""
    for name in ("CAMPAIGN_DATABASE_URL", "CAMPAIGN_SOURCE_URL", "REPORTLIB_SUITE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(name, "")  # so that what the command sets is forgotten with it
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    Path("log.csv").write_text(as_csv("twilio_log"))
    Path("activity.csv").write_text(as_csv("sendgrid_activity"))
    Path("totals.csv").write_text("campaign,channel,started_at,sent,delivered\nSpring,email,2026-11-02,100,90\n")
    Path("table.csv").write_text(MAPPED)
    Path("table.yaml").write_text(MAPPING)
    engine = create_engine("sqlite:///platform.db")
    fill(engine, small_database(campaign("spring", audience=3).sent(3).delivered(2, opened=1)))
    engine.dispose()
    return tmp_path


@pytest.fixture
def reviews(monkeypatch):
    """What `reportlib run` is asked for, in the stead of making it."""
    asked = []

    @click.command(context_settings={"ignore_unknown_options": True})
    @click.argument("words", nargs=-1)
    def run(words):
        asked.append(words)

    monkeypatch.setitem(main.commands, "run", run)
    return asked


def started(*options, answers=""):
    return CliRunner().invoke(main, ["start", *options], input=answers)


def repeated(done) -> list[str]:
    """The commands that are printed to be used again."""
    return [line.strip() for line in done.stdout.partition("as in cron:")[2].splitlines() if line.strip()]


LOG = ["--file", "log.csv", "--campaign", "Spring sale"]


@pytest.mark.parametrize(
    ("options", "answers", "command"),
    [
        (LOG, "", "reportlib import log.csv --to {} --campaign 'Spring sale'"),
        ([], "files\nlog.csv\nSpring sale\n", "reportlib import log.csv --to {} --campaign 'Spring sale'"),
        (["--file", "activity.csv"], "", "reportlib import activity.csv --to {}"),
        (["--file", "totals.csv"], "", "reportlib import totals.csv --to {}"),
        (
            ["--file", "table.csv", "--mapping", "table.yaml", "--timezone", "Europe/Berlin"],
            "",
            "reportlib import table.csv --to {} --mapping table.yaml --timezone Europe/Berlin",
        ),
        (["--platform", "contract", "--from", "sqlite:///platform.db"], "", "reportlib connect contract --to {}"),
        ([], "platform\ncontract\nsqlite:///platform.db\n", "reportlib connect contract --to {}"),
    ],
)
def test_three_files_and_a_platform_lead_to_a_review(home, reviews, options, answers, command):
    done = started(*options, answers=answers)
    assert done.exit_code == 0, done.output
    lines = repeated(done)
    latest = re.search(r"started +name\n(.+?)  ", done.stdout)[1]
    assert command.format(HERE) in lines
    assert f"export CAMPAIGN_DATABASE_URL={HERE}" in lines
    assert "reportlib check" in lines
    [(notebook, *words)] = reviews
    assert Path(notebook).samefile(PROJECT / "notebooks" / "post_campaign_review.ipynb")
    assert words == ["--campaign", latest]
    assert all(f"$ {line}" in done.stdout for line in lines)


def test_a_folder_is_loaded(home, reviews):
    folder = home / "my-export"
    folder.mkdir()
    for table, text in {
        "accounts": "account_id,name,timezone\na,Acme,UTC\n",
        "campaigns": "campaign_id,account_id,name,status\nspring,a,Spring,completed\nautumn,a,Autumn,completed\n",
        "contacts": "contact_id,account_id\nann,a\n",
        "messages": "message_id,campaign_id,contact_id,channel,status\nm,spring,ann,sms,sent\n",
        "events": "event_id,message_id,campaign_id,kind\n",
    }.items():
        (folder / f"{table}.csv").write_text(text)
    done = started("--folder", "my-export", "--review", "spring")
    assert done.exit_code == 0, done.output
    assert reviews[0][1:] == ("--campaign", "spring")
    assert re.search(r"^spring +completed +sms ", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ([], 2, "nobody answered 'What do you have?': say it with --what"),
        (["--file", "log.csv"], 2, "nobody answered 'Of which campaign are they?': say it with --campaign"),
        (["--what", "platform"], 2, "say it with --platform"),
        (["--file", "table.csv"], 1, "no download that is known by its header"),
        (["--folder", "nowhere"], 1, "nowhere"),
        (["--file", "broken.csv", "--campaign", "x"], 1, "That ended with 1"),
    ],
)
def test_what_is_missing_is_told_and_nothing_goes_on(home, reviews, options, code, said):
    Path("broken.csv").write_text(as_csv("twilio_log").replace("undelivered", "bewitched"))
    done = started(*options)
    assert (done.exit_code, reviews) == (code, []), done.output
    assert said in done.output
    assert "Traceback" not in done.output


def test_a_password_is_not_printed(home, reviews):
    done = started("--platform", "listmonk", "--from", "postgresql://reader:secret@127.0.0.1:9/listmonk")
    assert done.exit_code == 1
    assert "reader:***@127.0.0.1" in done.output
    assert "secret" not in done.output


def test_from_a_file_to_its_page_outside_any_clone(home):
    """As after `make setup`, or an installed wheel: one command, one page."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [Path(sys.executable).with_name("reportlib"), "start", *LOG, "--timezone", "America/Sao_Paulo"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    [page] = (home / "output").glob("post_campaign_review-*.html")
    assert "Spring sale" in page.read_text()
    assert f"{home}/output/index.html" in done.stdout
