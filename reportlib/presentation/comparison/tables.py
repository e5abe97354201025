"""Campaigns side by side as tables: rates in parallel columns, and what changed between them."""

import re
from collections.abc import Sequence
from html import escape, unescape

import pandas as pd

from reportlib.metrics import definition
from reportlib.metrics.comparison.campaigns import ASSIGNED
from reportlib.metrics.comparison.design.comparability import Comparability
from reportlib.metrics.comparison.design.design import Design
from reportlib.metrics.comparison.guardrails import held_back
from reportlib.metrics.comparison.verdict import Verdict
from reportlib.presentation.comparison.findings import WORDS, is_cause, level
from reportlib.presentation.comparison.rows import LEDGER, RATES, side_by_side_rows
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display, name_html, one_below_the_other
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.first_screen import with_short_names
from reportlib.presentation.look.folds import folded, the_numbers
from reportlib.presentation.look.table import UNMEASURED, table

__all__ = ["MEANINGS", "RATES", "side_by_side", "standing", "verdicts", "what_changed"]

SIDE_BY_SIDE = 4  # campaigns; more of them are rows instead of columns
MOST_VERDICTS = 12
TOLD_APART = ("stopped", "higher", "lower")  # words of verdicts
MARKS = {"best": ("good", "▲"), "worst": ("warning", "▼")}
MEANINGS = {
    "Higher, lower": "The interval of the difference leaves zero out: more than luck, at the level named.",
    "No difference shown": "The interval holds zero. That is not “the same”: this comparison cannot tell.",
    "Equivalent": "The interval lies within the margin: 5 % of the rate, or what was declared not to matter.",
    "Of assigned": "An experiment is judged by the people assigned, whatever became of the message; of delivered is a "
    "diagnosis.",
    "Standardised": "The groups' differences, weighted by the mix of both campaigns together.",
    "Interval": "Where the true value plausibly lies: Wilson's for a rate, Newcombe's for a difference. Before the "
    "final age, an anytime-valid confidence sequence. Campaigns that were not randomised are held against the spread "
    "that campaigns ordinarily have.",
    "Lift": "The difference relative to the baseline's rate.",
    "Exploratory": "Asked besides the primary metric. Worth a test of its own, not a conclusion.",
    "Best, worst": "Marked only where a campaign can be told apart from every other one.",
    "Comparability": "A: declared as random, no check against it, and one thing changed. D: so much changed that a "
    "difference cannot be put down to anything.",
    "Equal age": "Everybody is counted up to the same number of hours after their first message: the age of the last, "
    "but for at most √n ÷ 4 stragglers of a campaign's n people, who are left out until they are as old.",
    "Mix and behaviour": "Mix: the gap there would be if groups responded alike but their shares changed; behaviour: "
    "if only their responses changed (Kitagawa 1955). Both add up to the gap.",
}


def verdicts(found: Sequence[Verdict], most: int = MOST_VERDICTS) -> Display:
    """A sentence per question, those told apart first and in short; beyond `most` the rest is counted."""
    if not found:
        return Display('<p class="empty">None.</p>', "None.")
    order = list(WORDS)
    ranked = sorted(found, key=lambda verdict: order.index(verdict.word))
    shown, rest = ranked[:most], len(ranked) - most
    apart = [one for one in shown if one.word in TOLD_APART]
    others = shown[len(apart) :]
    html = (
        _listed(apart, [one.in_short for one in apart])
        if apart
        else '<p class="empty">None is told apart beyond luck.</p>'
    )
    if others:
        names = ", ".join(dict.fromkeys(one.label for one in others))
        html += folded(f"Not told apart: {names}", _listed(others, map(str, others)), is_printed=True)
    note = f"{numbers.plural(rest, 'further verdict')}: reportlib export comparison lists them all." if rest > 0 else ""
    text = "\n".join([f"{WORDS[one.word]} {one}" for one in shown] + [note] * bool(note))
    return Display(html + f'<p class="base">{note}</p>' * bool(note), text)


def _listed(found, said):
    items = "".join(
        f'<li class="{level(one)}"><span class="symbol" aria-hidden="true">{WORDS[one.word]}</span>'
        f"<span>{_sentence(with_short_names(text, [one.arm, one.baseline]))}</span></li>"
        for one, text in zip(found, said, strict=True)
    )
    return f'<ul class="findings">{items}</ul>'


def side_by_side(frame: pd.DataFrame, found: Sequence[Verdict]) -> Display:
    """Every rate of every campaign with its base and interval, the baseline first; what stands there of the people
    assigned is folded as of those delivered.

    Best and worst are marked only where the verdicts tell a campaign apart from every other one. Beyond SIDE_BY_SIDE
    campaigns they are the rows.
    """
    labels, rows = frame["label"].tolist(), side_by_side_rows(frame)
    about = {
        "Started": [numbers.moment(row.started_at, row.timezone) for row in frame.itertuples(index=False)],
        "Channels": [_channels(used) for used in frame["channels"]],
        "Audience": [numbers.count(people) for people in frame["audience"]],
    }
    cells = {row.label: [_cell(row, at, labels, found) for at in range(len(labels))] for row in rows}
    heads = [f"{label} (baseline)" if at == 0 else label for at, label in enumerate(labels)]
    age = numbers.duration(60 * float(frame["compared_hours"].iloc[0]))
    caption = f"Everybody at the same age, {age} after their message"
    judged = {row.definition.name for row in rows if row.base == ASSIGNED}
    diagnosis = {row.label for row in rows if row.definition.name in judged and row.base != ASSIGNED}
    shown = {label: row for label, row in cells.items() if label not in diagnosis}
    aside = {label: cells[label] for label in cells if label in diagnosis}
    if len(labels) <= SIDE_BY_SIDE:
        told = table(caption, ["Rate", *heads], [[name, *row] for name, row in (about | shown).items()])
    else:
        ledger = {row.label: shown[row.label] for row in rows if row.definition.name in LEDGER}
        engaged = {label: row for label, row in shown.items() if label not in ledger}
        told = one_below_the_other([_as_rows(caption, heads, columns) for columns in (about | ledger, engaged)])
    limits = dict.fromkeys(row.refusal for row in rows if row.refusal)
    listed = f'<ul class="limits">{"".join(f"<li>{escape(one)}</li>" for one in limits)}</ul>' if limits else ""
    html, text = f'<div class="one-line">{told.html}</div>', told.text
    if aside:
        apart = _diagnosis(heads, aside, len(labels) <= SIDE_BY_SIDE)
        html += folded("Of delivered, as a diagnosis", f'<div class="one-line">{apart.html}</div>', is_printed=True)
        text += f"\n{apart.text}"
    html += the_numbers("side by side", ["Rate", "Campaign", "People", "Of", "95 % interval"], _numbers(rows, labels))
    return Display(html + listed, "\n".join([text, *limits]))


def _diagnosis(heads, cells, as_columns):
    caption = "Of those with a receipt, whom what was sent may have chosen"
    if as_columns:
        return table(caption, ["Rate", *heads], [[name, *row] for name, row in cells.items()])
    return _as_rows(caption, heads, cells)


def what_changed(
    frame: pd.DataFrame, differences: pd.DataFrame, comparability: Comparability, design: Design
) -> Display:
    """`metrics.differences` as a table, under the grade of `metrics.comparability` and the reasons for it."""
    said = " ".join(comparability.reasons)
    rows = [
        (bool(row.same), [escape(str(row.aspect).capitalize()), escape(str(row.detail))])
        for row in differences.itertuples(index=False)
    ]
    changed, alike = ([row for same, row in rows if same is kind] for kind in (False, True))
    graded = f"Comparability {comparability.grade}, from A to D"
    html, text = f'<p class="finding">{graded}</p><p class="base">{escape(said)}</p>', [graded, said]
    if changed:
        told = table("What changed", ["", ""], changed, texts=(1,), head=False)
        html, text = html + told.html, [*text, told.text]
    if alike:
        told = table("What is the same", ["", ""], alike, texts=(1,), head=False)
        names = ", ".join(row[0].lower() for row in alike)
        html, text = html + folded(f"The same: {unescape(names)}", told.html, is_printed=True), [*text, told.text]
    return Display(html, "\n".join(text))


def standing(metric: str, label: str, others: Sequence[str], found: Sequence[Verdict]) -> str | None:
    """ "best" or "worst" where the verdicts tell this campaign apart from all `others` in the same direction.

    Only those of people in their arms by chance, which no guardrail speaks against.
    """
    told = [one for one in found if one.metric == metric and one.question == "pair" and is_cause(one)]
    told = [one for one in told if not held_back(one)]
    above = {(one.arm, one.baseline) for one in told if one.word == "higher"}
    above |= {(one.baseline, one.arm) for one in told if one.word == "lower"}
    highest, lowest = ("worst", "best") if definition(metric).lower_is_better else ("best", "worst")
    if others and all((label, other) in above for other in others):
        return highest
    return lowest if others and all((other, label) in above for other in others) else None


def _sentence(text):
    """The sentence as HTML, with each percentage in one piece."""
    return re.sub(r"\S+ %", r'<span class="whole">\g<0></span>', escape(text))


def _as_rows(caption, heads, columns):
    lines = zip(map(name_html, heads), *columns.values(), strict=True)
    return table(caption, ["Campaign", *columns], list(map(list, lines)))


def _channels(used):
    return escape(", ".join(CHANNEL_NAMES[channel] for channel in used.split("+") if channel) or "none")


def _cell(row, at, labels, found):
    rate = row.rates[at]
    if row.refusal:
        return f'<span class="unmeasured">{row.refused}</span>'
    if rate is None:
        return UNMEASURED
    if rate.estimate is None:
        return numbers.NOTHING
    of = f"{numbers.percent(rate.estimate)} <small>{numbers.count(rate.count)} of {numbers.count(rate.base)}</small>"
    judged = [one for one in found if row.definition.bases[0] == "audience" or one.base_name == rate.base_name]
    mark = standing(row.definition.name, labels[at], labels[:at] + labels[at + 1 :], judged)
    if not mark or not rate.base:
        return of
    tone, symbol = MARKS[mark]
    return f'{of} <small class="verdict {tone}"><span aria-hidden="true">{symbol}</span> {mark}</small>'


def _numbers(rows, labels):
    return [
        [
            row.label,
            label,
            numbers.count(rate.count),
            numbers.count(rate.base),
            numbers.interval(rate.low, rate.high),
        ]
        for row in rows
        for label, rate in zip(labels, row.rates, strict=True)
        if rate and not row.refusal
    ]
