"""What a monitor says and draws of a campaign, without a browser."""

import re
from datetime import timedelta
from html import unescape

import pytest

from reportlib.metrics import LiveWatch
from reportlib.metrics.live.alarms import Alarm
from reportlib.metrics.live.history import Usual
from reportlib.presentation.live import chart, findings, parts
from reportlib.presentation.live.monitor import live_monitor
from reportlib.presentation.live.style import style
from reportlib.presentation.look.numbers import THIN_SPACE
from tests.small_database import campaign, fill, in_memory_engine, small_database

NAME = 'Sale <script>alert(1)</script> "x"'


@pytest.fixture
def duckdb():
    return in_memory_engine()


@pytest.fixture
def sending(duckdb):
    """A campaign that is sending, whose names mean harm, and failures without an end."""
    one = campaign("a", audience=12, status="sending", name=NAME)
    database = small_database(
        one.sent(9, "sms", provider="<i>p</i>").delivered(5).failed(3, code="<b>", reason="x").queued(2)
    )
    return fill(duckdb, database)


def looked(warehouse, name="a"):
    return LiveWatch(warehouse.engine, name).look(whole=True)


def shown(warehouse, name="a"):
    return "".join(part.html for part in parts.parts(looked(warehouse, name), "UTC").values())


def words(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def cards_of(html):
    """What each card says, by its title."""
    cards = re.findall(r'<div class="card [^"]*"><h3>([^<]*)</h3>(.*?)</div>', html)
    return {title: words(rest) for title, rest in cards}


def test_the_cards_have_the_figures_with_their_bases(sending):
    cards = cards_of(shown(sending))
    assert "9 75.0" in cards["Sent"]
    assert "of 8 settled" in cards["Delivered"]
    assert "of 8 with an outcome" in cards["Failed, of settled"]
    assert "–" in cards["All handed over by"]
    assert "nothing was handed over in the last" in cards["All handed over by"]


def test_names_of_the_database_stay_text(sending):
    html = shown(sending)
    assert not re.search(r"<(script|i|b)>", html)
    assert NAME in words(html)
    assert "code <b>" in re.sub(r"\s+", " ", words(html))


def test_every_drawing_has_words(sending):
    told = re.findall(r'<svg [^>]*role="img" aria-label="([^"]*)"', shown(sending))
    assert told == ["Delivery over time: of 9 messages handed over, 5 delivered, 1 pending, 3 failed."] * 2


def test_a_campaign_that_has_not_begun_is_shown_too(duckdb):
    said = words(shown(fill(duckdb, small_database(campaign("a", status="sending").queued(3)))))
    assert "Nothing has been handed over yet" in said
    assert "no provider has told anything yet" in said
    assert "No alarm" in said


def test_a_campaign_that_is_over_says_so(duckdb):
    html = shown(fill(duckdb, small_database(campaign("a").sent(4).delivered(4))))
    assert "The campaign has completed" in words(html)
    assert "Handed over, per minute" not in cards_of(html)


def test_who_may_show_one_look_gets_a_report(sending):
    display = live_monitor(sending, "a")
    assert NAME in display.text
    assert "By channel" in display.text
    assert display.also["application/vnd.campaign-report+json"]["campaign_id"] == "a"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("how many were reached", "Reached so far: 300 (30.0 % of 1,000"),
        ("is that good", "Failed, of settled: 25.0 % (of 400 with an outcome; far above 5 % limit"),
        ("is it usual", "usual: not known yet"),
        ("what shall I do", "1. Look at the codes below"),
        ("what may I not believe", "What to believe: Nothing yet for good"),
    ],
)
def test_the_first_screen_of_one_look_answers_five_questions(failing, asked, answered):
    first_screen = failing.text.partition("\n\n")[0]
    assert answered in first_screen.replace(THIN_SPACE, " "), asked


@pytest.fixture(scope="module")
def failing():
    """One look at a campaign a quarter of whose outcomes are failures."""
    one = campaign("a", audience=1000, status="sending").sent(400, "sms").delivered(300).failed(100, code="5")
    return live_monitor(fill(in_memory_engine(), small_database(one)), "a")


ALARMS = {
    "failure rate": (Alarm("failure rate", 0, 80, 1000), "8.0 % (6.5–9.8) of 1,000"),
    "failure code": (
        Alarm(
            "failure code", 0, 80, 1000, code="5", channel="sms", title="Gone", advice="Ask", before=Usual(2, 400, 9, 0)
        ),
        "of 9 earlier campaigns had at most 0.5 % of 400",
    ),
    "stalled": (Alarm("stalled", 0, 0, 70, usual=35.6), "36 a minute did; 70 messages wait"),
    "pending": (
        Alarm("pending", 0, 30, 100, usual=0.95, seconds=60, waiting=300),
        "of those before 95.0 %; 300 are pending",
    ),
}


@pytest.mark.parametrize("kind", ALARMS)
def test_an_alarm_says_what_of_how_many_since_when_and_what_to_do(kind):
    alarm, words = ALARMS[kind]
    found = findings._alarm(alarm, "Europe/Berlin", 1000)
    assert words in found.text.replace(THIN_SPACE, " ")
    assert "since 01:00:00" in found.text
    assert found.advice


@pytest.mark.parametrize("over", [False, True])
def test_a_drawing_stays_within_its_frame(duckdb, over):
    database = small_database(campaign("a", status="sending").sent(40).delivered(30).failed(5))
    database.messages[0]["delivered_at"] += timedelta(days=3)
    figures = looked(fill(duckdb, database))
    html = chart.delivery_over_time(figures.timeline, figures.looked_ms, "UTC", over)
    for width, drawing in zip((820, 358), re.findall(r"<svg.*?</svg>", html), strict=True):
        points = re.findall(r'points="([^"]*)"', drawing)
        pairs = [tuple(map(float, pair.split(","))) for shape in points for pair in shape.split()]
        assert all(0 <= x <= width and 0 <= y <= 400 for x, y in pairs)


def test_both_themes_of_jupyterlab_have_their_colours():
    assert 'body[data-jp-theme-light="false"] .reportlib-live svg [fill="#0f5e9c"]' in style()
    assert "</style>" not in style()[: -len("</style>")]
