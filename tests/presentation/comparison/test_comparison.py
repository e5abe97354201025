"""Comparisons as tables, charts and sentences: nothing crowned by luck, every base shown, names harmless."""

import re
from datetime import timedelta
from itertools import combinations

import pandas as pd
import pytest

from reportlib import metrics, tables
from reportlib.metrics.comparison.design.comparability import Comparability
from reportlib.metrics.comparison.mix.rate_gap import rate_gap
from reportlib.presentation.comparison import charts, findings, first_screen, head, mix, tables as comparison_tables
from reportlib.presentation.comparison.charts import by_campaign, colours
from reportlib.presentation.comparison.rows import side_by_side_rows
from reportlib.presentation.look import numbers
from reportlib.presentation.look.first_screen import shown
from reportlib.publishing.page.chart_svg import figure
from tests.presentation.conftest import HOSTILE, check_told
from tests.small_database import SmallDatabase, followed, in_memory_engine

COUNTS = ("opened", "opened_human", "clicked", "replied", "unsubscribed", "complained")
POINTS = r"[+−]?\d+\.\d\d"
EXPERIMENT = metrics.Design(declared=True)

NONE_MISSING = pd.DataFrame({"missing": pd.Series([], dtype="bool")})


def side(label, delivered, clicked, channels="whatsapp", failed=0, **more):
    """One campaign of a frame like that of `metrics.comparable`, told by its counts."""
    people = dict.fromkeys(COUNTS, 0) | {"clicked": clicked}
    if channels == "sms":
        people |= {"opened": None, "opened_human": None}
    sent = delivered + failed
    row = {
        "campaign_id": label,
        "label": label,
        "channels": channels,
        "delivery_measured": True,
        "failed_measured": True,
        "by_person": True,
        **people,
    }
    row |= {f"{name}_in_base": count for name, count in people.items()}
    row |= {"engagement_base": delivered, "engagement_base_name": "receipt"}
    row |= {"audience": sent, "assigned": sent, "messaged": sent, "handed_over": sent, "young": 0, "recorded": False}
    return row | {"sent": sent, "delivered": delivered, "failed": failed} | more


def compared(*sides, hours=48.0):
    """A frame like that of `metrics.comparable` with these campaigns, variants of one experiment."""
    start = pd.Timestamp("2026-11-02 09:00", tz="UTC")
    about = {"account_id": "acme", "account": "Acme", "timezone": "UTC", "status": "completed", "experiment_id": "x"}
    about |= {"template_id": "t", "segment_id": "s", "segment": "All", "started_at": start, "compared_hours": hours}
    about |= {"weekday": 1, "hour": 9, "age_hours": hours, "final_hours": hours, "is_final": True, "topped_up": False}
    rows = [about | {"asked": place, "variant": chr(ord("a") + place)} | one for place, one in enumerate(sides)]
    return pd.DataFrame(rows).astype(dict.fromkeys([*COUNTS, *(f"{name}_in_base" for name in COUNTS)], "Int64"))


def found(frame, metric="clicked"):
    """All verdicts on a frame, the primary ones first."""
    primary = metrics.compare_campaigns(frame, EXPERIMENT, metric)
    return [*primary, *metrics.explore_campaigns(frame, EXPERIMENT, metric)]


def cells_of(frame, label, metric="clicked"):
    """The cells of one line of the table side by side, as HTML."""
    html = comparison_tables.side_by_side(frame, found(frame, metric)).html
    line = re.search(rf'<th scope="row">{re.escape(label)}</th>(.*?)</tr>', html)[1]
    return re.findall(r"<td[^>]*><span>(.*?)</span></td>", line)


@pytest.fixture(scope="module")
def hostile_pair():
    """Two campaigns, one by e-mail and one by WhatsApp, every name of which tries to be markup."""
    database = SmallDatabase()
    database.account("acme", "Europe/Berlin")
    database.accounts[0]["name"] = HOSTILE
    for campaign, channel, clicks in (("a", "email", 2), ("b", "whatsapp", 9)):
        database.segment(f"s{campaign}", name=HOSTILE + campaign)
        about = {"name": HOSTILE + campaign, "template_id": HOSTILE + campaign, "segment_id": f"s{campaign}"}
        database.campaign(campaign, audience=12, **about)
        for number in range(10):
            contact = f"{campaign}{number}"
            plan = {"plan": HOSTILE if number % 3 else "free"}
            database.contact(contact, country=HOSTILE if number % 2 else "DE", attributes=plan)
            message = database.message(campaign, contact, channel=channel)
            for kind, people in (("opened", 4), ("clicked", clicks)):
                if number < people:
                    database.event(message, kind, after=timedelta(hours=1 + 3 * number))
    return followed(in_memory_engine(), database)


class Shown:
    """All that the notebook shows of two campaigns, `a` and `b`."""

    def __init__(self, warehouse, metric="clicked"):
        self.frame = metrics.comparable(warehouse, ["a", "b"])
        design = metrics.design(warehouse, self.frame)
        differences = metrics.differences(self.frame, design)
        grade = metrics.comparability(differences, design)
        primary = metrics.compare_campaigns(self.frame, design, metric)
        explored = metrics.explore_campaigns(self.frame, design, metric)
        self.verdicts = [*primary, *explored]
        self.gaps = head.gaps(warehouse, self.frame, metric, ["channel", "country", "attribute:plan"])
        self.caveats = findings.caveats(self.frame, self.verdicts, metrics.receipts(warehouse))
        self.headline = head.headline(warehouse, self.frame, primary, explored, differences, grade, design)
        self.displays = [
            self.headline,
            comparison_tables.side_by_side(self.frame, self.verdicts),
            comparison_tables.what_changed(self.frame, differences, grade, design),
            comparison_tables.verdicts(explored),
            mix.split(self.gaps),
            tables.notes(self.caveats),
            tables.words(comparison_tables.MEANINGS),
        ]
        curves = metrics.response_by_age(warehouse, self.frame, metric)
        self.charts = [
            charts.rates(self.frame, metric),
            charts.differences(self.verdicts),
            charts.response_by_age(curves, self.frame, metric),
        ]


@pytest.fixture(scope="module")
def pair(hostile_pair):
    """What is shown of it; no test changes it."""
    return Shown(hostile_pair)


def strings(value, path=()):
    """(path, text) of each text in a chart's specification."""
    if isinstance(value, str):
        yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from strings(one, (*path, key))


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("how do they do", "a: 3.0\u202f% (of 10,000"),
        ("which is better", "More clicked with b than with a"),
        ("how much", "Difference: +1.00 points"),
        ("is that more than luck", "more than luck, 95\u202f% interval"),
        ("what shall I do", "1. Send b from now on ≈ +100 clicked of 10,000"),
        ("what may I not believe", "The other metrics are hints to test, not conclusions."),
    ],
)
def test_the_first_screen_answers_five_questions(asked, answered):
    frame = compared(side("a", 10_000, 300), side("b", 10_000, 400))
    primary = metrics.compare_campaigns(frame, EXPERIMENT, "clicked")
    said = findings.headline(primary, EXPERIMENT, pd.DataFrame({"aspect": ["template"], "same": [False]}))
    screen = first_screen.first_screen(primary, frame, said, Comparability("A", ()))
    assert answered in shown(screen).text, asked


def test_names_of_600_letters_do_not_fill_the_first_screen():
    names = ["W" * 600, "W" * 600 + "x"]
    frame = compared(side(names[0], 10_000, 300), side(names[1], 10_000, 400))
    primary = metrics.compare_campaigns(frame, EXPERIMENT, "clicked")
    said = findings.headline(primary, EXPERIMENT, pd.DataFrame({"aspect": ["template"], "same": [False]}))
    screen = first_screen.first_screen(primary, frame, said, Comparability("A", ()))
    assert names[1] in said[0].text
    assert (
        screen.verdict.text.startswith("More clicked with WWW")
        and "4.0\u202f% against 3.0\u202f%" in screen.verdict.text
    )
    assert len(shown(screen).text) < 1_000


# ---- names ---------------------------------------------------------------------------------------------------------


def test_no_name_from_the_database_becomes_markup(pair):
    displays = pair.displays
    named = [display.html for display in displays if "alert(1)" in display.html]
    assert len(named) == len(displays) - 1  # all but the words
    html = "".join(display.html for display in displays)
    assert "<script" not in html
    allowed = "b|bdi|code|details|h2|ol|summary|caption|div|em|h3|li|p|small|span|style|table|tbody|td|th|thead|tr|ul"
    assert set(re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", html)) <= set(allowed.split("|"))


def test_names_stand_in_charts_as_values_and_never_in_expressions(pair):
    for chart in pair.charts:
        named = {path for path, text in strings(chart.to_dict()) if "alert(1)" in text}
        as_values = {path for path in named if path[0] in ("datasets", "description", "usermeta")}
        as_order = {path for path in named if path[-3:-1] in (("scale", "domain"), ("color", "sort"))}
        as_title = {path for path in named if path[-2:] == ("title", "text")}
        assert as_values
        assert as_values | as_order | as_title == named


def test_names_are_escaped_where_charts_are_drawn(pair):
    for number, chart in enumerate(pair.charts):
        html = figure(chart.to_dict(), f"c{number}")
        assert "alert(1)" in html
        assert "<script" not in html


def test_the_headline_carries_names_and_sentences_as_they_are(pair):
    about = pair.headline.also["application/vnd.campaign-report+json"]
    upright = HOSTILE.replace("\u202e", "")  # what turns writing round would turn the numbers in a sentence
    assert about["title"] == f"{upright}a and {upright}b"
    assert about["baseline"] == f"{upright}a"
    assert about["comparability"]["grade"] == "D"
    assert [verdict["sentence"] for verdict in about["verdicts"]] == list(map(str, pair.verdicts))
    assert about["findings"][0]["text"] == numbers.whole(pair.verdicts[0].in_short)


# ---- bases ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("campaigns", [2, 6])  # as columns, as rows
def test_every_percentage_in_the_table_stands_beside_its_base(campaigns):
    frame = compared(*[side(f"c{n}", 1_000 + n, 30 + n, failed=7) for n in range(campaigns)])
    html = comparison_tables.side_by_side(frame, found(frame)).html
    cells = [cell for cell in re.findall(r"<td[^>]*>(.*?)</td>", html) if "%" in cell]
    assert len(cells) == campaigns * len(side_by_side_rows(frame))
    assert all(re.search(r"<small>[\d,]+ of 1,0\d\d</small>", cell) for cell in cells)
    assert html.index("Clicked, of assigned") < html.index("Clicked, of delivered")
    assert "Failed, of audience" in html


def test_a_sentence_names_the_base_of_its_rates(pair):
    answered = [verdict for verdict in pair.verdicts if verdict.estimate is not None]
    assert {verdict.base_name for verdict in answered} == {"audience", "delivered"}
    assert all(f"% of {verdict.base_name}" in str(verdict) for verdict in answered)


@pytest.mark.parametrize(("metric", "base"), [("clicked", "delivered"), ("delivered", "audience")])
def test_a_split_gap_names_its_base(hostile_pair, metric, base):
    shown = Shown(hostile_pair, metric)
    html = mix.split(shown.gaps).html
    assert f">Share of {base}</th>" in html
    assert f">{metric.capitalize()}, of {base}</th>" in html


# ---- best and worst ------------------------------------------------------------------------------------------------


def marks(frame, label="Clicked, of delivered"):
    return [(re.findall(r"best|worst", cell) or [None])[0] for cell in cells_of(frame, label)]


def test_best_and_worst_of_two_that_are_told_apart():
    frame = compared(side("A", 5_000, 200), side("B", 5_000, 300))
    assert found(frame)[0].word == "higher"
    assert marks(frame) == ["worst", "best"]


def test_the_highest_of_two_that_are_not_told_apart_is_not_crowned():
    frame = compared(side("A", 5_000, 200), side("B", 5_000, 215))
    assert found(frame)[0].word == "not distinguishable"
    assert marks(frame) == [None, None]


def test_one_of_three_is_best_only_where_told_apart_from_both_others():
    frame = compared(side("A", 5_000, 200), side("B", 5_000, 400), side("C", 5_000, 410))
    assert marks(frame) == ["worst", None, None]


def test_more_failures_are_worse():
    frame = compared(side("A", 5_000, 200, failed=100), side("B", 4_800, 192, failed=300))
    assert marks(frame, "Failed, of audience") == ["best", "worst"]
    verdict = next(one for one in found(frame) if one.metric == "failed")
    assert findings.level(verdict) == "warning"


# ---- what cannot be compared ---------------------------------------------------------------------------------------


def test_a_cell_of_opens_across_channels_says_why():
    frame = compared(side("A", 2_000, 90, "email"), side("B", 2_000, 80, "whatsapp"))
    cells = cells_of(frame, "Opened, of delivered")
    assert cells == ['<span class="unmeasured">not comparable across channels</span>'] * 2
    html = comparison_tables.side_by_side(frame, found(frame)).html
    assert "Opened is never compared across channels (e-mail and WhatsApp): an open is counted differently" in html


def test_opens_of_sms_are_words_and_never_zero():
    frame = compared(side("A", 2_000, 90, "sms"), side("B", 2_000, 80, "sms"))
    cells = cells_of(frame, "Opened, of delivered")
    assert all("not supported" in cell for cell in cells)
    assert not any("%" in cell for cell in cells)
    said = [one.text for one in findings.caveats(frame, found(frame), NONE_MISSING) if one.topic == "channels"]
    assert said[0] == "Opened cannot be reported by SMS (not supported: SMS has no read receipts)."


def test_opens_across_channels_have_no_panel_and_the_caption_says_so(pair):
    about = pair.charts[0].to_dict()["usermeta"]["reportlib"]
    assert not any(row[0].startswith("Opened") for row in about["rows"])
    assert "Not drawn, since it cannot be compared here: Opened" in about["caption"]


def test_channels_are_written_as_people_write_them(pair):
    changed, mixed = pair.displays[2].text, pair.displays[4].text
    assert ": e-mail;" in changed
    assert ": WhatsApp" in changed
    assert re.search(r"^E-mail ", mixed, re.MULTILINE)
    assert re.search(r"^WhatsApp ", mixed, re.MULTILINE)


def test_a_campaign_with_nothing_delivered_has_no_rate():
    frame = compared(side("A", 2_000, 90), side("B", 0, 0, failed=2_000))
    assert cells_of(frame, "Clicked, of delivered")[1] == "–"
    assert "100.0\u202f%" in cells_of(frame, "Failed, of audience")[1]
    primary, diagnosis = found(frame)[:2]
    assert (primary.word, primary.base_name) == ("lower", "assigned")
    assert str(diagnosis).endswith("B and A are not comparable. B has 0 delivered: there is no rate.")
    rows = charts.rates(frame, "clicked").to_dict()["usermeta"]["reportlib"]["rows"]
    assert [row[1:5] for row in rows if row[0] == "Clicked, of assigned"] == [
        ["A", "90", "2,000", "4.5\u202f%"],
        ["B", "0", "2,000", "0.0\u202f%"],
    ]


def test_nobody_reached_in_either_draws_nothing():
    frame = compared(side("A", 0, 0), side("B", 0, 0))
    assert charts.differences([found(frame)[0]]).to_dict()["mark"]["type"] == "text"
    curves = pd.DataFrame({"campaign_id": ["A", "B"], "age_hours": 0, "people": 0, "audience": 0})
    assert charts.response_by_age(curves, frame, "clicked").to_dict()["mark"]["type"] == "text"


def test_an_age_of_minutes_is_not_called_zero_hours():
    frame = compared(side("A", 2_000, 90), side("B", 2_000, 80), hours=0.5)
    assert "at the same age, 30 min after their message" in comparison_tables.side_by_side(frame, []).html
    young = [one.text for one in findings.caveats(frame, found(frame), NONE_MISSING) if one.topic == "maturity"]
    assert young[0].startswith("Too young: compared at an age of 30 minutes, before the first 24 hours.")


def test_people_added_after_a_final_look_are_held_to_a_stricter_level():
    frame = compared(side("A", 2_000, 90), side("B", 2_000, 180)).assign(is_final=False, topped_up=True)
    (verdict,) = metrics.compare_campaigns(frame, EXPERIMENT)
    assert (verdict.word, verdict.level) == ("higher", 0.99)
    assert any(one.text.startswith("No final look: people were added") for one in verdict.reasons)


@pytest.mark.parametrize(("young", "level"), [(0, None), (11, "note"), (13, "warning")])
def test_who_is_left_out_is_told_and_warned_of_where_it_is_more_than_a_few(young, level):
    frame = compared(side("A", 2_000, 90), side("B", 2_000, 80, young=young))
    told = [one for one in findings.caveats(frame, [], NONE_MISSING) if one.topic == "left out"]
    assert [one.level for one in told] == ([level] if level else [])
    if level:
        assert f"not 2 days old yet: people of B {young} (0." in told[0].text


# ---- mix or behaviour ----------------------------------------------------------------------------------------------


def test_no_gaps_are_said_to_be_none():
    assert mix.split([]).text == "Nothing to split: no two groups."


def test_the_printed_parts_of_a_gap_add_up(pair):
    parts = mix.split(pair.gaps).text.split("\n\n")
    assert len(parts) == 3
    for part in parts:
        told = [re.findall(rf"({POINTS})\s+({POINTS}) to ({POINTS})", line) for line in part.splitlines()[1:]]
        numbers = [[tuple(float(one.replace("−", "-")) for one in cell) for cell in line] for line in told]
        assert all(low <= part <= high for line in numbers for part, low, high in line)
        *groups, together = [[cell[0] for cell in line] for line in numbers]
        assert together[2] == 70.0  # 9 of 10 against 2 of 10
        assert [round(sum(column), 2) for column in zip(*groups, strict=True)] == together


def test_a_gap_of_nothing_splits_into_nothing():
    rates = {group: metrics.Rate(10, 100, "delivered") for group in ("x", "y")}
    gap = rate_gap(rates, rates)
    gap.attrs |= {"campaign": "B", "baseline": "A", "label": "Clicked", "base": "delivered", "dimension": "country"}
    text = mix.split([gap]).text
    total = ["0.00", "−6.14", "to", "+6.14"]  # 20 of 200 in both, group by group; Newcombe has 5.96
    assert text.splitlines()[-1].split() == ["All", "together", "0.00", "0.00", "to", "0.00", *total, *total]


# ---- charts --------------------------------------------------------------------------------------------------------


def test_each_chart_has_words_a_caption_and_its_numbers(pair):
    for chart in pair.charts:
        spec = chart.to_dict()
        check_told(spec)


def test_the_chart_of_differences_says_what_the_verdicts_say():
    frame = compared(side("A", 5_000, 200), side("B", 5_000, 300))
    spec = charts.differences(found(frame)).to_dict()
    clicked = spec["usermeta"]["reportlib"]["rows"][0]
    assert clicked == ["Clicked", "B", "A", "+2.00", "+1.15 to +2.86", "95 %", "higher"]
    drawn = [row for rows in spec["datasets"].values() for row in rows]
    assert [row["different"] for row in drawn if row["said"].startswith("Clicked")] == [True]
    assert not any(row["different"] for row in drawn if not row["said"].startswith("Clicked"))


# ---- many ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def thirty():
    return compared(*[side(f"Wave {n}", 2_000, 40 + 4 * n) for n in range(30)])


@pytest.fixture(scope="module")
def verdicts_on_thirty(thirty):
    return metrics.compare_campaigns(thirty, EXPERIMENT)


def test_thirty_campaigns_are_thirty_rows(thirty, verdicts_on_thirty):
    html = comparison_tables.side_by_side(thirty, verdicts_on_thirty).html
    for n in range(30):
        assert html.count(f"<bdi>Wave {n}{' (baseline)' if n == 0 else ''}</bdi>") == 3  # ledger, engagement, diagnosis
    assert not re.findall(r"</span> (best|worst)</small>", html)  # the highest cannot be told from the next


def test_thirty_campaigns_have_a_short_list_of_verdicts_the_clear_ones_first(verdicts_on_thirty):
    assert len(verdicts_on_thirty) == len(list(combinations(range(30), 2))) == 435
    shown = comparison_tables.verdicts(verdicts_on_thirty)
    assert shown.html.count("<li") == comparison_tables.MOST_VERDICTS
    assert "not distinguishable" not in shown.text
    assert shown.text.splitlines()[-1].startswith("423 further verdicts: reportlib export comparison lists them all.")


def test_thirty_campaigns_are_drawn(thirty, verdicts_on_thirty):
    ages = range(0, 49, 12)
    curves = pd.DataFrame(
        [(f"Wave {n}", age, n + age, 2_000) for n in range(30) for age in ages],
        columns=["campaign_id", "age_hours", "people", "audience"],
    )
    rates = charts.rates(thirty, "clicked").to_dict()
    differences = charts.differences(verdicts_on_thirty).to_dict()
    response = charts.response_by_age(curves, thirty, "clicked").to_dict()
    assert {row[0] for row in rates["usermeta"]["reportlib"]["rows"]} == {"Clicked, of assigned"}
    assert len(rates["usermeta"]["reportlib"]["rows"]) == 30
    assert sum(map(len, differences["datasets"].values())) == by_campaign.MOST_ROWS
    assert "395 smaller differences not drawn" in differences["usermeta"]["reportlib"]["caption"]
    domain = response["layer"][1]["encoding"]["color"]["scale"]["domain"]
    assert domain == [*[f"Wave {n}" for n in range(len(colours.CAMPAIGN_COLOURS) + 1)], "other campaigns"]
    for number, spec in enumerate((rates, differences, response)):
        assert "<svg" in figure(spec, f"c{number}")
