"""The `reportlib` command as people meet it: what it prints, where, and with which exit code."""

import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine

from reportlib import __version__
from reportlib.cli import main
from reportlib.warehouse.contract.tables import metadata
from tests.small_database import START, campaign, fill, small_database

REPORTLIB = Path(sys.executable).with_name("reportlib")


def run(*arguments, database=None, **environment):
    """The result of one command; `database` is the one it is to read."""
    environment["CAMPAIGN_DATABASE_URL"] = database
    return CliRunner().invoke(main, list(map(str, arguments)), env=environment)


@pytest.fixture
def database():
    return small_database(campaign("spring", audience=4).sent(3).delivered(2), timezone="America/Sao_Paulo")


@pytest.fixture
def filled(duckdb_url):
    """A function that writes a database to a file and gives its address."""

    def write(database):
        engine = create_engine(duckdb_url)
        fill(engine, database)
        engine.dispose()
        return duckdb_url

    return write


# What every command has


def test_alone_it_prints_its_help():
    result = run()
    assert "Reports people trust" in result.output
    assert all(name in result.output for name in main.commands)


def test_version():
    assert run("--version").output == f"reportlib, version {__version__}\n"


def commands(group=main, path=()):
    """Every command, with the words that call it."""
    for name, command in group.commands.items():
        yield pytest.param((*path, name), command, id=" ".join((*path, name)))
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize(("words", "command"), list(commands()))
def test_every_command_and_option_has_help(words, command):
    assert command.help
    assert [option.name for option in command.params if isinstance(option, click.Option) and not option.help] == []
    assert run(*words, "--help").exit_code == 0


def test_neither_help_nor_the_process_that_draws_pages_waits_for_pandas_or_a_database_driver():
    loaded = "import sys, reportlib.cli, reportlib.publishing.page.html, reportlib.publishing.page.process\n"
    loaded += "print({'pandas', 'duckdb', 'sqlalchemy', 'altair', 'papermill'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True).stdout == "set()\n"


def test_a_mistake_is_one_line_on_stderr_and_exit_1(tmp_path):
    result = run("campaigns", database=f"duckdb:///{tmp_path}/none.duckdb")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == (f"Error: there is no database at {tmp_path}/none.duckdb: check CAMPAIGN_DATABASE_URL\n")


def test_ctrl_c_is_one_line_and_exit_130(tmp_path, postgresql_url):
    (tmp_path / "accounts.csv").write_text("account_id,name,timezone\n1,Acme,UTC\n")
    engine = create_engine(postgresql_url)
    metadata.create_all(engine)
    with engine.begin() as held, engine.connect() as looking:
        held.exec_driver_sql("LOCK TABLE accounts")
        command = [REPORTLIB, "load", tmp_path, "--to", postgresql_url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            while not looking.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar():
                assert process.poll() is None
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            out, error = process.communicate(timeout=20)
    assert (process.returncode, out, error) == (130, "", "Interrupted; what was not finished was undone.\n")
    engine.dispose()


def test_ctrl_c_while_duckdb_works(tmp_path, monkeypatch):
    def interrupted(*_):
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr("reportlib.warehouse.load.load_folder", interrupted)
    result = run("load", tmp_path)
    assert (result.exit_code, result.stderr) == (130, "Interrupted; what was not finished was undone.\n")


def test_a_fault_of_ours_is_not_hidden(tmp_path, monkeypatch):
    def faulty(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr("reportlib.warehouse.load.load_folder", faulty)
    assert isinstance(run("load", tmp_path).exception, RuntimeError)


# load


def test_load_says_what_it_did_and_what_it_ignored(tmp_path, duckdb_url):
    (tmp_path / "accounts.csv").write_text("account_id,name,timezone,colour\n1,Acme,UTC,red\n2,Beta,UTC,blue\n")
    result = run("load", tmp_path, "--to", duckdb_url)
    assert result.exit_code == 0
    assert result.stdout == (
        "table     file          rows  added  replaced\n"
        "accounts  accounts.csv     2      2         0\n"
        f"\nLoaded into {duckdb_url}\nNext: reportlib check\n"
    )
    assert result.stderr == "Ignored accounts.csv: column 'colour' is not in the contract\n"


def test_load_refuses_bad_rows_and_names_them(tmp_path, duckdb_url):
    (tmp_path / "accounts.csv").write_text("account_id,name,timezone\n1,,UTC\n")
    result = run("load", tmp_path, database=duckdb_url)
    assert result.exit_code == 1
    assert result.stderr == "Error: nothing was loaded: accounts.csv line 2, name: a value is required\n"


def test_load_never_goes_into_the_demo(tmp_path):
    (tmp_path / "accounts.csv").write_text("account_id,name,timezone\n")
    result = run("load", tmp_path)
    assert result.exit_code == 1
    assert "give its address with --to" in result.stderr


# check


def test_check_of_a_sound_database(filled, database):
    url = filled(database)
    result = run("check", database=url)
    assert (result.exit_code, result.stdout) == (0, f"{url} keeps the source contract\n")


def test_check_exits_0_for_notes(filled, database):
    database.messages[0]["delivered_at"] = None
    result = run("check", database=filled(database))
    assert result.exit_code == 0
    assert "note    messages: delivered without delivered_at (1)\n" in result.stdout
    assert "E.g. m1\n" in result.stdout
    assert result.stdout.endswith("keeps the source contract: 0 × breaks, 1 × note\n")


def test_check_exits_1_when_the_contract_is_broken(filled, database):
    database.message("spring", "nobody", channel="fax", message_id="a\x1b[2J\nb")
    result = run("check", database=filled(database))
    assert result.exit_code == 1
    assert "breaks  messages: contact_id is not in contacts" in result.stdout
    assert "\x1b" not in result.stdout
    assert "differs from the source contract" in result.stdout


# campaigns


def test_campaigns_are_listed_with_their_start_in_the_accounts_time_zone(filled, database):
    database.campaign("draft-1", status="draft", start=None, name="Später")
    database.message("spring", "spring/0", channel="sms")
    result = run("campaigns", database=filled(database))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "id       status     channels   audience  started               name",
        "spring   completed  email+sms         4  2026-11-02 06:00 -03  Campaign spring",
        "draft-1  draft      –                 –  –                     Später",
    ]


def test_names_cannot_break_the_list(filled, database):
    names = ["two\nlines", "\x1b[31mred\x07", "right\u202eleft", "<script>", "=1+1", "日本 👩‍👩‍👧", ""]
    for number, name in enumerate(names):
        database.campaign(f"c{number}", name=name, audience=number, start=START)
    lines = run("campaigns", database=filled(database)).stdout.splitlines()
    assert len(lines) == 2 + len(names)
    listed = [line[lines[0].index("name") :] for line in lines if line.startswith("c")]
    assert listed == [r"two\nlines", r"\x1b[31mred\x07", r"right\u202eleft", "<script>", "=1+1", "日本 👩‍👩‍👧", ""]


@pytest.mark.parametrize("moment", ["9999-12-31 23:30", "20000-01-01", "1970-01-01"])
def test_a_start_that_is_no_time_is_listed_as_none(filled, database, moment):
    database.accounts[0]["timezone"] = "Pacific/Kiritimati"  # 14 hours ahead
    url = filled(database)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE campaigns SET started_at = TIMESTAMP '{moment}'")
    engine.dispose()
    result = run("campaigns", database=url)
    assert result.exit_code == 0, result.exception
    assert "spring  completed  email            4  –        Campaign spring" in result.stdout


def test_no_campaigns(filled):
    result = run("campaigns", database=filled(small_database()))
    assert (result.exit_code, result.stdout.split()) == (0, ["id", "status", "channels", "audience", "started", "name"])


def test_an_unknown_time_zone_is_no_reason_not_to_list(filled, database):
    database.accounts[0]["timezone"] = "Mars/Olympus"
    assert "2026-11-02 09:00 UTC" in run("campaigns", database=filled(database)).stdout


# demo


def test_the_demo_says_what_it_made_and_can_be_listed_and_checked(duckdb_url):
    made = run("demo", "--to", duckdb_url, "--messages", 2000)
    assert made.exit_code == 0, made.output
    assert f"The demo is at {duckdb_url}\n" in made.stdout
    assert "messages" in made.stdout
    assert run("campaigns", database=duckdb_url).stdout.count("\n") > 24
    checked = run("check", database=duckdb_url)
    assert checked.exit_code == 0, checked.output
