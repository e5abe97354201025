"""Parameter files: every mistake found before a kernel starts, and said so that it can be mended."""

import pytest
from papermill.cli import NoDatesSafeLoader

from reportlib import yaml_files
from reportlib.errors import InvalidParameters
from reportlib.reports.parameters import read_reports
from tests.small_database import SmallDatabase, fill, in_memory_engine


@pytest.fixture(scope="module")
def warehouse():
    database = SmallDatabase()
    database.account("acme")
    database.campaign("spring-sale")
    database.campaign("007")
    database.campaign("later", status="draft")
    return fill(in_memory_engine(), database)


@pytest.fixture
def asked(tmp_path):
    """A function that writes a parameter file for the review."""

    def write(text, name="x.yaml", folder="post_campaign_review"):
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def problems(files, warehouse, **options):
    with pytest.raises(InvalidParameters) as raised:
        read_reports(files if isinstance(files, list) else [files], warehouse, **options)
    return str(raised.value)


def test_files_are_read_as_papermill_reads_them():
    assert yaml_files._Loader.yaml_implicit_resolvers == NoDatesSafeLoader.yaml_implicit_resolvers


def test_a_good_file(asked, warehouse):
    (report,) = read_reports([asked("campaign: spring-sale\ntop_groups: 3")], warehouse)
    assert report.notebook.name == "post_campaign_review.ipynb"
    assert report.parameters["campaign"] == "spring-sale"
    assert report.parameters["top_groups"] == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("campain: spring-sale", "campain: there is no such parameter, did you mean 'campaign'?"),
        ("campaign: sprnig-sale", "there is no campaign 'sprnig-sale', did you mean 'spring-sale'?"),
        ("campaign: later", "'later' has the status 'draft'"),
        ("campaign: [a]", "campaign: should be text or a whole number"),
        ("campaign: 007", "quote"),
        ("campaign: spring-sale\ncampaign: later", "twice"),
        ("campaign: spring-sale\ntimezone: Europe/Berln", "did you mean 'Europe/Berlin'?"),
        ("campaign: spring-sale\ntop_groups: 0", "top_groups: should be"),
        ("campaign: spring-sale\ntop_groups: many", "top_groups: should be a whole number"),
        ("campaign: spring-sale\nbreakdowns: [contry]", "nothing can be grouped by 'contry', did you mean 'country'?"),
        ("campaign: spring-sale\nbreakdowns: [country, country]", "twice: country"),
        ("campaign: spring-sale\nfailure_codes: /no/such.csv", "/no/such.csv cannot be read"),
        ("campaign: [unclosed", "not YAML"),
        ("- a\n- b", "campaign: spring-sale"),
        (b"campaign: \xff\xfe", "UTF-8"),
    ],
)
def test_each_mistake_is_named_with_the_file(text, said, asked, warehouse):
    path = asked(text)
    message = problems(path, warehouse)
    assert message.startswith(f"{path}: ")
    assert said in message


def test_all_problems_of_all_files_at_once(asked, warehouse):
    files = [
        asked("campain: a\ntop_groups: x\ntimezone: Mars/Phobos", "1.yaml"),
        asked("timezone: Mars/Phobos", "2.yaml"),
        asked("{", "3.yaml"),
    ]
    lines = problems(files, warehouse).splitlines()
    assert [sum(str(file) in line for line in lines) for file in files] == [3, 1, 1]


def test_a_file_that_is_not_there(tmp_path, warehouse):
    path = tmp_path / "post_campaign_review" / "none.yaml"
    assert "cannot be read" in problems(path, warehouse)


def test_the_folder_names_the_notebook_unless_it_is_said(asked, warehouse):
    path = asked("campaign: spring-sale", folder="elsewhere")
    assert "which notebook is it for?" in problems(path, warehouse)
    assert read_reports([path], warehouse, notebook="post_campaign_review")


def test_campaigns_given_stand_for_the_files_own(asked, warehouse):
    reports = read_reports([asked("campaign: spring-sale")], warehouse, campaigns=["007", "spring-sale"])
    assert [report.parameters["campaign"] for report in reports] == ["007", "spring-sale"]
    assert "--campaign" in problems(asked("campaign: spring-sale"), warehouse, campaigns=["nope"])


def test_a_password_is_refused_and_not_repeated(asked, warehouse):
    message = problems(asked("campaign: postgresql://me:hunter2@host/db"), warehouse)
    assert "CAMPAIGN_DATABASE_URL" in message
    assert "hunter2" not in message
