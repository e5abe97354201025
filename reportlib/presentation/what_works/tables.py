"""The tables of what works: the register, what it comes to, what goes with response, what to test, the best so far."""

from html import escape
from math import expm1

import pandas as pd

from reportlib.metrics import Rate, WhatWorks
from reportlib.metrics.what_works.associations import MORE, UNTOLD
from reportlib.metrics.what_works.facts import DECISION, QUESTION
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display, name_html, one_below_the_other
from reportlib.presentation.look.finding import CHANNEL_NAMES, Finding
from reportlib.presentation.look.folds import folded
from reportlib.presentation.look.table import notes, rate_cell, table
from reportlib.presentation.look.totals import nothing
from reportlib.presentation.what_works.words import fact, lift, lifts, measure

SHOWN = 8  # experiments, and facts, before the fold
NO_EXPERIMENT = "No experiment was made yet: no two campaigns are variants of one, and nobody was held out."
UNTOLD_CLICKS = f"Clicks are {numbers.UNMEASURED}, or of no campaign that is old enough."
NO_FACTS = "No fact is shared by enough campaigns whose clicks are known, and lacked by as many."
MEANINGS = {
    "experiment": "People were divided by chance: campaigns that are variants of one, or people held out.",
    "grade": "A: at random, one thing changed. B: more changed, or people of one arm got another. C, D: not by chance.",
    "as it came out": "The difference that was measured. Of what won it is too large on average: luck helped it win.",
    "luck allowed for": "The same drawn towards zero by as much as all experiments together say: empirical Bayes.",
    "comes to": "The lifts of the best arm of each experiment that won, one after the other, if all of them are kept.",
    "goes with": "An association within account and channel: campaigns with the fact against those without. No cause.",
    "not told apart": "The interval holds zero, at the level at which all facts were asked at once.",
    "benchmark": "The best campaign once luck is allowed for: the best of many is partly the luckiest.",
}


def register(known: WhatWorks) -> Display:
    """Every experiment: what was asked, of how many, what came of it, how far to believe it, what was decided."""
    if known.register.empty:
        return nothing(known.register, NO_EXPERIMENT)
    left = _left(known)
    heads = ["Asked", "People", "As it came out", "Luck allowed for", "Verdict", "Decided"]
    rows = []
    for place, row in known.register.iterrows():
        if not row["measure"]:
            nothing_told = [numbers.NOTHING] * 3
            rows.append([name_html(row["question"]), *nothing_told, escape(row["word"]), _decided(row["decision"])])
            continue
        came_out, drawn = left.get(place, ("", numbers.NOTHING))
        rows.append(
            [
                f"{name_html(row['question'])} <small>{name_html(row['arm'])} against {name_html(row['versus'])}, "
                f"{escape(measure(row['measure']))}</small>",
                _people(row),
                _came_out(row, came_out),
                drawn,
                f"{escape(_verdict(row))} <small>grade {escape(row['grade'])}</small>",
                _decided(row["decision"]),
            ]
        )
    latest, earlier = rows[:SHOWN], rows[SHOWN:]
    shown = table("Every experiment, the latest first", heads, latest, texts=(4, 5))
    if not earlier:
        return shown
    more = table("Earlier ones", heads, earlier, texts=(4, 5))
    html = shown.html + folded(numbers.plural(len(earlier), "earlier one"), more.html)
    return Display(html, f"{shown.text}\n{more.text}")


def sums(known: WhatWorks) -> Display:
    """What the experiments come to, by what they were judged by."""
    if not known.learned:
        said = NO_EXPERIMENT if known.register.empty else "None of the experiments can be judged: nothing to add up."
        return nothing(known.register, said)
    heads = ["By", "Found better", "Worse", "As they came out", "Luck allowed for", "The usual effect", "The next one"]
    rows = [
        [
            escape(measure(one.measure)),
            rate_cell(one.won),
            numbers.count(one.lost),
            lift(one.raw_sum),
            numbers.NOTHING if one.drawn_sum is None else _within(*one.drawn_sum),
            lift(one.typical),
            numbers.NOTHING if one.next_per_arm is None else f"{numbers.count(one.next_per_arm)} in each arm",
        ]
        for one in known.learned
    ]
    shown = table("What won comes to, if it is all kept and adds up", heads, rows)
    alone = [one for one in known.learned if one.drawn_sum is None and one.won.base == 1]
    if not alone:
        return shown
    text = "One experiment alone does not tell how much of what it found is luck: nothing is drawn towards zero."
    return one_below_the_other([shown, notes([Finding("alone", "note", text)])])


def associations(known: WhatWorks) -> Display:
    """What goes with more or fewer clicks, the strongest first; all but SHOWN folded."""
    found = known.associations
    if found.empty:
        return nothing(found, UNTOLD_CLICKS if known.told.empty else NO_FACTS)
    named = found[found["word"] != UNTOLD]
    said = (
        f"{numbers.plural(len(found), 'fact')} asked at once: "
        + (f"{len(named)} told apart." if len(named) else "none is told apart from luck.")
        + " One at a time; facts go together, so none of it is a cause."
    )
    first = pd.concat([named, found[found["word"] == UNTOLD]]).head(max(SHOWN, len(named)))
    rest = found.drop(first.index)
    shown = _associations("What goes with clicks, within channels", first)
    html = f'<p class="finding">{escape(said)}</p>{shown.html}'
    text = f"{said}\n{shown.text}"
    if len(rest):
        more = _associations("The others", rest)
        html, text = html + folded(numbers.plural(len(rest), "more fact"), more.html), f"{text}\n{more.text}"
    return Display(html, text)


def worth_testing(known: WhatWorks) -> Display:
    """The three questions most worth an experiment, with its size."""
    rows = [
        [
            name_html(fact(row.fact, row.value)),
            lift(row.lift),
            numbers.count(row.campaigns),
            f"{numbers.percent(row.usual)} <small>usual</small>",
            numbers.count(row.per_arm),
            numbers.count(max(1, round(row.sends))),
        ]
        for row in known.worth_testing.itertuples()
    ]
    if not rows:
        return nothing(known.worth_testing, "No fact goes with so many more or fewer clicks that it would be first.")
    heads = ["What", "With it, clicks", "Seen in campaigns", "Clicked", "People in each arm", "Usual campaigns"]
    return table("Most worth a test: found four times in five at this size", heads, rows)


def best(known: WhatWorks) -> Display:
    """The best campaign of each channel beside the benchmark, which allows for luck."""
    frame = known.benchmarks
    rows = []
    for channel, of in frame.groupby("channel", sort=False):
        top, benchmark = of[of["is_best"]], of[of["is_benchmark"]]
        rows.append(
            [
                escape(CHANNEL_NAMES[channel]),
                _campaign(top, lambda row: rate_cell(Rate(row["count"], row["base"], "people"))),
                _campaign(benchmark, _benchmark),
                numbers.count(len(of)),
            ]
        )
    if not rows:
        return nothing(frame, UNTOLD_CLICKS)
    heads = ["Channel", "Best, as it came out", "Benchmark, luck allowed for", "Campaigns"]
    return table("The best campaign of each channel: clicked", heads, rows, texts=(1, 2))


def sentences(known: WhatWorks) -> Display:
    """Every experiment in its sentence, with what limits it."""
    return notes([Finding("experiment", "note", f"{row.experiment_id}: {row.sentence}")
                  for row in known.register.itertuples()])  # fmt: skip


def recording() -> Display:
    """How a question and a decision come into the register."""
    text = (
        f"A row in campaign_attributes with the attribute “{QUESTION}” or “{DECISION}” for an experiment’s campaign "
        "puts what was asked and what was decided into the register."
    )
    return notes([Finding("recording", "note", text)])


def _left(known):
    """The lift of each entry of the register as it came out, and what is left of it once luck is allowed for, by its
    place there."""
    found = {}
    for one in known.learned:
        places = known.register.index[known.register["counts"] & (known.register["measure"] == one.measure)]
        for place, row in zip(places, one.entries.itertuples(), strict=True):
            drawn = numbers.NOTHING if pd.isna(row.drawn) else _within(row.drawn, row.drawn_low, row.drawn_high)
            found[place] = lift(expm1(row.ratio)), drawn
    return found


def _associations(caption, rows):
    heads = ["Fact", "Campaigns", "As it came out", "Luck allowed for", ""]
    cells = [
        [
            name_html(fact(row.fact, row.value)),
            f"{row.campaigns} <small>against {row.others}</small>",
            _within(row.lift, row.low, row.high),
            numbers.NOTHING if pd.isna(row.drawn) else _within(row.drawn, row.drawn_low, row.drawn_high),
            UNTOLD if row.word == UNTOLD else "more clicks" if row.word == MORE else "fewer clicks",
        ]
        for row in rows.itertuples()
    ]
    return table(caption, heads, cells, texts=(4,))


def _within(middle, low, high):
    return f"{lift(middle)} <small>({lifts(low, high)})</small>"


def _people(row):
    if pd.isna(row["people"]) or pd.isna(row["people_versus"]):
        return numbers.NOTHING
    return f"{numbers.count(row['people'])} <small>and {numbers.count(row['people_versus'])}</small>"


def _came_out(row, relative):
    """The lift, where there is one, and the difference in points with its interval."""
    if pd.isna(row["difference"]):
        return numbers.NOTHING
    low, high = numbers.points(100 * row["low"]), numbers.points(100 * row["high"])
    points = f"{numbers.points(100 * row['difference'])} points ({low} to {high})"
    return f"{relative} <small>{points}</small>" if relative else points


def _verdict(row):
    if not row["counts"]:
        return row["word"] if pd.isna(row["difference"]) else f"{row['word']}, not by chance alone"
    return row["word"] if row["is_final"] else f"{row['word']}, not final"


def _decided(decision):
    return name_html(decision) if decision else "not recorded"


def _campaign(rows, told):
    if rows.empty:
        return "too few campaigns to tell"
    row = rows.iloc[0]
    return f"{name_html(row['label'])}: {told(row)}"


def _benchmark(row):
    return (
        f"{numbers.percent(row['shrunk'])} <small>({numbers.interval(row['shrunk_low'], row['shrunk_high'])})</small>"
    )
