"""README and docs: what they say is so, and every command in them works."""

import ast
import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import duckdb
import pytest

from reportlib.cli import main
from reportlib.definitions import as_markdown
from reportlib.publishing.weekly.edition import read_edition
from reportlib.reports.catalogue import declared
from reportlib.warehouse.contract.tables import TABLES
from reportlib.warehouse.demo import make_demo
from tests import PROJECT

PAGES = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").glob("*.md"))]
TEXTS = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


def blocks(name):
    """The shell blocks of a page, without their indentation."""
    return [re.sub(r"^ +", "", found, flags=re.MULTILINE) for found in BLOCK.findall(TEXTS[name])]


def commands(word):
    """Every command of this program in any page, in blocks and in the text."""
    for name, text in TEXTS.items():
        inline = re.findall(rf"`({word} [^`]+)`", text)
        lines = [line for block in blocks(name) for line in block.splitlines() if line.startswith(f"{word} ")]
        yield from ((name, command) for command in [*inline, *lines])


@pytest.fixture(scope="module")
def new_user(tmp_path_factory):
    """A folder as the README's reader has it: the project's parameters, the week's for one account, and own data, a
    small demo, as CSV and Parquet."""
    home = tmp_path_factory.mktemp("user")
    shutil.copytree(PROJECT / "parameters", home / "parameters")
    with (home / "parameters" / "weekly.yaml").open("a") as edition:
        edition.write("accounts: [buecher]\n")
    export = home / "my-export"
    export.mkdir()
    make_demo(f"duckdb:///{home / 'data.duckdb'}", 20_000)
    with duckdb.connect(str(home / "data.duckdb")) as database:
        for table in TABLES:
            kind = "parquet" if table in ("messages", "events") else "csv"
            database.execute(f"COPY {table} TO '{export / table}.{kind}'")
    return home


@pytest.mark.slow
def test_own_data_in_five_minutes(new_user):
    asking = "make setup && . .venv/bin/activate\nreportlib start\n"  # tests/test_start.py answers
    steps = "\n".join(block for block in blocks("README.md") if "reportlib" in block and block != asking)
    assert asking in blocks("README.md")
    assert "reportlib start --folder" in steps
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment.pop("CAMPAIGN_DATABASE_URL", None)
    done = subprocess.run(
        ["bash", "-euc", steps], cwd=new_user, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr
    assert (new_user / "output" / "post_campaign_review-spring-sale.html").exists()


@pytest.mark.parametrize(("page", "command"), [*commands("reportlib")])
def test_each_reportlib_command_exists_with_its_options(page, command):
    group, words = main, shlex.split(command.split("#")[0])[1:]
    while isinstance(group, click.Group) and not (group.invoke_without_command and words[0].startswith("--")):
        assert words and words[0] in group.commands, f"{page}: {command}"
        group = group.commands[words.pop(0)]
    options = {name for parameter in group.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options, f"{page}: {command}"


@pytest.mark.parametrize(("page", "command"), [*commands("make")])
def test_each_make_target_exists(page, command):
    targets = re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert shlex.split(command.split("#")[0])[1] in targets, f"{page}: {command}"


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_somewhere(name):
    folder = next(page.parent for page in PAGES if page.name == name)
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", TEXTS[name]):
        made = target.startswith("_pictures/")  # with the site: tests/made_reports/test_docs_site.py
        assert made or (folder / target).exists(), target


def test_the_source_contract_is_told_whole():
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", TEXTS["source_contract.md"], re.DOTALL | re.MULTILINE))
    assert set(sections) == set(TABLES)
    for name, table in TABLES.items():
        told = re.findall(r"^\| (\**)`(\w+)`", sections[name], re.MULTILINE)
        assert told == [("" if column.nullable else "**", column.name) for column in table.columns], name
        for column in table.columns:
            words = " ".join(f"`{word}`" for word in column.info.get("one_of", ()))
            assert words in re.search(rf"^\| \**`{column.name}`.*", sections[name], re.MULTILINE)[0], column


def fenced(name, language):
    """The blocks of a page in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXTS[name], re.DOTALL | re.MULTILINE)


def on_a_schedule():
    """Every call of this program by a scheduler: what stands behind the program's name in cron lines and units."""
    for name in TEXTS:
        lines = [line for block in (*fenced(name, "cron"), *fenced(name, "ini")) for line in block.splitlines()]
        yield from ((name, found) for line in lines for found in re.findall(r"bin/(reportlib [^>|&]*)", line))


@pytest.mark.parametrize(("page", "command"), [*on_a_schedule()])
def test_each_command_on_a_schedule_exists_with_its_options(page, command):
    test_each_reportlib_command_exists_with_its_options(page, command)


def test_the_systemd_units_are_units():
    (text,) = fenced("weekly.md", "ini")
    service, timer = re.split(
        r"^# /etc/systemd/system/campaign-reports\.(?:service|timer)\n", text, flags=re.MULTILINE
    )[1:]
    units = {}
    for name, unit in (("service", service), ("timer", timer)):
        units[name] = configparser.ConfigParser()
        units[name].optionxform = str  # systemd tells OnCalendar from oncalendar
        units[name].read_string(unit)
    assert units["service"]["Service"]["Type"] == "oneshot"
    assert units["timer"]["Timer"]["Persistent"] == "true"


def test_the_airflow_task_asks_for_what_the_notebook_takes():
    (text,) = fenced("weekly.md", "python")
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    task = {word.arg: word.value for call in calls for word in call.keywords}
    notebook = Path(ast.literal_eval(task["input_nb"])).stem
    assert declared(notebook).model.model_validate(ast.literal_eval(task["parameters"]))


@pytest.mark.parametrize("page", ["weekly.md", "mail.md", "chats.md"])
def test_each_edition_in_the_docs_is_one(page, tmp_path):
    blocks = fenced(page, "yaml")
    assert blocks
    for block in blocks:
        (tmp_path / "weekly.yaml").write_text(block)
        read_edition(tmp_path / "weekly.yaml")


def test_every_definition_is_told_as_the_registry_has_it():
    assert as_markdown() in TEXTS["definitions.md"]


def test_every_notebook_has_a_line_in_the_readme():
    for notebook in (PROJECT / "notebooks").glob("[a-z]*.ipynb"):
        assert f"| `{notebook.stem}` |" in TEXTS["README.md"]
