"""Parameter files of weekly reviews: what is wrong is said before a kernel starts."""

import pytest

from reportlib.errors import InvalidParameters
from reportlib.reports.parameters import read_reports
from tests.small_database import SmallDatabase, campaign, fill, in_memory_engine, small_database


@pytest.fixture(scope="module")
def warehouse():
    database = small_database(campaign("a").sent(2).delivered(2))
    database.account("Zenith", "Europe/Berlin")
    database.account("nowhere", "Mars/Olympus")
    return fill(in_memory_engine(), database)


@pytest.fixture
def read(tmp_path, warehouse):
    def read_text(text, warehouse=warehouse, **options):
        path = tmp_path / "weekly_review" / "x.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return read_reports([path], warehouse, **options)

    return read_text


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("account: acme", "acme-2026-w46"),
        ("account: Zenith\nweek: 2027-W01\nweeks: 12", "Zenith-2027-w01"),
        ("account: acme\nweek: last\nweeks: 104", "acme-last"),
    ],
)
def test_good_files(read, text, subject):
    (report,) = read(text)
    assert (report.notebook.name, report.subject) == ("weekly_review.ipynb", subject)


def test_the_only_account_needs_no_name(read):
    database = SmallDatabase()
    database.account("acme")
    (report,) = read("account:", fill(in_memory_engine(), database))
    assert (report.parameters["account"], report.subject) == (None, "2026-w46")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("account: acne", "account: there is no account 'acne', did you mean 'acme'?"),
        ("account:", "account: there are 3 accounts, say which: Zenith, acme, nowhere"),
        ("account: nowhere", "account: 'Mars/Olympus' is not an IANA time zone"),
        ("account: acme\nweek: 2026-W54", "week: '2026-W54' is no week: 2026 has the weeks 1 to 53"),
        ("account: acme\nweek: 46", "week: should be text, not 46; put text in quotes"),
        ("account: acme\nweeks: 11", "weeks: should be"),
        ("account: acme\nweeks: 105", "weeks: should be"),
        ("account: acme\nearlier: none.json", "earlier: none.json cannot be read"),
        ("account: acme\nwek: last", "wek: there is no such parameter, did you mean 'week'?"),
    ],
)
def test_mistakes(read, text, said):
    with pytest.raises(InvalidParameters) as raised:
        read(text)
    assert said in str(raised.value)


def test_each_mistake_is_told_once(read):
    with pytest.raises(InvalidParameters) as raised:
        read("account: acne\nweek: 2026-W54\nearlier: none.json")
    assert len(str(raised.value).splitlines()) == 2  # which account's file it should be cannot be known


def test_campaigns_of_the_command_line_are_refused(read):
    with pytest.raises(
        InvalidParameters, match="weekly_review is not about campaigns: leave --campaign and --finished out"
    ):
        read("account: acme", campaigns=["a"])
