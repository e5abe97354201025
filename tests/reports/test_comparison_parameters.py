"""Parameter files of comparisons: what cannot be compared is said before a kernel starts."""

import pytest

from reportlib.errors import InvalidParameters
from reportlib.reports.naming import file_name
from reportlib.reports.parameters import read_reports
from tests.small_database import SmallDatabase, fill, in_memory_engine

THIRTY = [f"wave-{number}" for number in range(30)]


@pytest.fixture(scope="module")
def warehouse():
    database = SmallDatabase()
    database.account("acme")
    for campaign in ("spring", "summer", "autumn", "2024", *THIRTY):
        database.campaign(campaign)
    database.campaign("later", status="draft")
    return fill(in_memory_engine(), database)


@pytest.fixture
def asked(tmp_path):
    """A function that writes a parameter file for a comparison."""

    def write(text):
        path = tmp_path / "campaign_comparison" / "x.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return write


def problems(path, warehouse, **options):
    with pytest.raises(InvalidParameters) as raised:
        read_reports([path], warehouse, **options)
    return str(raised.value).splitlines()


def test_a_good_file(asked, warehouse):
    text = "campaigns: [spring, summer]\nmetric: replied\nbaseline: summer\nsplit: [90, 10]\nmargin: 0.01"
    (report,) = read_reports([asked(text)], warehouse)
    assert report.notebook.name == "campaign_comparison.ipynb"
    assert report.parameters == {
        "campaigns": ["spring", "summer"],
        "metric": "replied",
        "baseline": "summer",
        "age_hours": None,
        "final_age_hours": 168,
        "margin": 0.01,
        "split": [90, 10],
        "breakdowns": ["channel", "country", "attribute:plan"],
    }


TWO = "campaigns: [spring, summer]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("campaigns: [spring]", "campaigns: a comparison needs two or more different campaigns, not spring"),
        ("campaigns: []", "campaigns: a comparison needs two or more different campaigns, not none"),
        ("campaigns: [spring, spring]", "two or more different campaigns, not spring, spring"),
        ("campaigns: [spring, summer, spring]", "two or more different campaigns, not spring, summer, spring"),
        ("campaigns: ['2024', 2024]", "two or more different campaigns, not 2024, 2024"),
        ("campaigns: spring", "campaigns: should be a list"),
        ("campaigns: [spring, sumer]", "there is no campaign 'sumer', did you mean 'summer'?"),
        ("campaigns: [spring, later]", "'later' has the status 'draft'"),
        ("campaign: spring", "campaign: there is no such parameter, did you mean 'campaigns'?"),
        (f"{TWO}metric: clikced", "metric: should be 'delivered', 'failed', 'opened', 'opened_human', 'clicked', "),
        (f"{TWO}baseline: sumer", "baseline: 'sumer' is not one of the campaigns, did you mean 'summer'?"),
        (f"{TWO}baseline: autumn", "baseline: 'autumn' is not one of the campaigns"),
        (f"{TWO}split: [50, 30, 20]", "split: has 3 shares for 2 campaigns: give one each"),
        (f"{TWO}split: [100, 0]", "split: should be greater than 0, not 0"),
        (f"{TWO}split: [.inf, 1]", "split: should be a finite number, not inf"),
        (f"{TWO}margin: 1.5", "margin: should be less than 1, not 1.5"),
        (f"{TWO}age_hours: 169", "age_hours: should be less than or equal to 168, not 169"),
        (f"{TWO}breakdowns: [contry]", "breakdowns: nothing can be grouped by 'contry', did you mean 'country'?"),
        (f"{TWO}breakdowns: [segment]", "breakdowns: a gap cannot be split by segment"),
        (f"{TWO}breakdowns: [country, country]", "twice: country"),
    ],
)
def test_each_mistake_is_named_with_the_file(text, said, asked, warehouse):
    path = asked(text)
    (line,) = problems(path, warehouse)
    assert line.startswith(f"{path}: ")
    assert said in line


def test_all_mistakes_at_once(asked, warehouse):
    text = "campaigns: [spring, sumer]\nmetric: fun\nbaseline: winter\nsplit: [1]\nbreakdowns: [segment]\nmargn: 0.1"
    lines = problems(asked(text), warehouse)
    named = [line.split(": ")[1] for line in lines]
    assert sorted(named) == ["baseline", "breakdowns", "campaigns", "margn", "metric", "split"]


def test_what_depends_on_campaigns_that_cannot_be_read_is_not_held_against_others(asked, warehouse):
    (line,) = problems(asked("campaigns: spring, summer\nbaseline: spring\nsplit: [1, 2, 3]"), warehouse)
    assert "campaigns: should be a list" in line


def test_campaigns_given_are_compared_in_one_report_instead_of_the_files_own(asked, warehouse):
    path = asked("campaigns: [spring, summer]\nmetric: replied")
    (report,) = read_reports([path], warehouse, campaigns=["autumn", "spring"])
    assert report.parameters["campaigns"] == ["autumn", "spring"]
    assert report.parameters["metric"] == "replied"
    assert report.subject == "autumn-vs-spring"


def test_mistakes_in_campaigns_given_are_not_blamed_on_the_file(asked, warehouse):
    (line,) = problems(asked("campaigns: [spring, nonsense]"), warehouse, campaigns=["autumn"])
    assert line == "--campaign: a comparison needs two or more different campaigns, not autumn"
    (line,) = problems(asked("campaigns: [spring, nonsense]"), warehouse, campaigns=["autumn", "autum"])
    assert line.startswith("--campaign: there is no campaign 'autum', did you mean 'autumn'?")


def test_a_baseline_that_is_not_among_the_campaigns_given_is_the_files(asked, warehouse):
    path = asked("campaigns: [spring, summer]\nbaseline: summer")
    (line,) = problems(path, warehouse, campaigns=["autumn", "spring"])
    assert line == f"{path}: baseline: 'summer' is not one of the campaigns"


def test_the_subject_names_the_file(asked, warehouse):
    (report,) = read_reports([asked("campaigns: [spring, '2024']")], warehouse)
    assert report.subject == "spring-vs-2024"
    assert file_name(report.subject) == "spring-vs-2024"


def test_thirty_campaigns_have_a_short_file_name_of_their_own(asked, warehouse):
    subjects = [read_reports([asked("{}")], warehouse, campaigns=chosen)[0].subject for chosen in (THIRTY, THIRTY[:-1])]
    assert subjects[0].endswith("wave-28-vs-wave-29")
    names = [file_name(subject) for subject in subjects]
    assert names[0] != names[1]
    assert max(map(len, names)) < 100
