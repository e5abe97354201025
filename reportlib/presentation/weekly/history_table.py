"""The week's campaigns against the account's own history, as a table."""

from html import escape

import pandas as pd

from reportlib.definitions import CHANNEL_NAMES as WITHIN_A_SENTENCE
from reportlib.metrics import Rate, WeeklyFigures, definition
from reportlib.metrics.weekly.against_history import JUDGED
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display, name_html
from reportlib.presentation.look.drawing.rate_picture import gauge
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.folds import folded, the_numbers
from reportlib.presentation.look.usual import UNUSUAL, verdict
from reportlib.presentation.weekly.tables import NOTHING, verdict_html

HEADS = ["Campaign", "Figure", "People", "Of", "Rate, in %", "Usually, in %", "Centre", "Earlier", "Verdict"]


def against_history(weekly: WeeklyFigures) -> Display:
    """Each judged figure of the week's campaigns among what was to be expected of it: those that are unusual a row
    each, all others folded into one line."""
    if weekly.verdicts.empty:
        return NOTHING
    rows = weekly.verdicts.assign(unusual=weekly.verdicts["verdict"].isin(UNUSUAL))
    unusual, others = rows[rows["unusual"]], rows[~rows["unusual"]]
    hours = int(weekly.history["compared_hours"].iloc[0])
    legend = f'<p class="base">Counted {hours} h after sending finished. Grey: usual.</p>'
    html = f'<p class="finding">{escape(_finding(unusual, others))}</p>'
    html += f"{legend}{_table(unusual)}" if len(unusual) else ""
    html += folded(_folded_words(others), f"{legend}{_table(others)}") if len(others) else ""
    told = [_numbers(row) for row in rows.itertuples(index=False)]
    html += the_numbers("the campaigns against their history", HEADS, told)
    return Display(html, "\n".join("  ".join(row) for row in told))


def _finding(unusual, others):
    if len(unusual):
        first = unusual.iloc[0]
        more = f"; {numbers.plural(len(unusual) - 1, 'more figure')} unusual" if len(unusual) > 1 else ""
        usual = f"usually {numbers.interval(first['low'], first['high'])}{numbers.THIN_SPACE}%"
        said = f"{definition(first['metric']).label.lower()} {numbers.percent(first['rate'])}"
        return f"{first['label']} {said}, {usual}{more}"
    judged = others["verdict"].isin(JUDGED)
    return "Nothing stands out from what is usual" if judged.any() else "What is usual is not known yet"


def _folded_words(others):
    judged = int(others["verdict"].isin(JUDGED).sum())
    parts = [f"{numbers.plural(judged, 'figure')} as usual"] if judged else []
    parts += [f"{numbers.plural(len(others) - judged, 'figure')} not judged"] if judged < len(others) else []
    return ", ".join(parts)


def _table(rows):
    heads = '<th scope="col">Figure</th><th scope="col" class="rate">Rate</th><td class="drawn"></td>'
    heads += '<th scope="col" class="people">Usually</th><th scope="col">Verdict</th>'
    bodies = []
    for label, of_campaign in rows.groupby("label", sort=False):
        title = f'<tr class="dimension"><th scope="rowgroup" colspan="5">{name_html(label)}</th></tr>'
        bodies.append(f"<tbody>{title}{''.join(map(_row, of_campaign.itertuples(index=False)))}</tbody>")
    return f'<table class="rates"><thead><tr>{heads}</tr></thead>{"".join(bodies)}</table>'


def _row(row):
    name = f"{definition(row.metric).label}, {WITHIN_A_SENTENCE[row.channel]}"
    known = not pd.isna(row.low) and not pd.isna(row.rate)
    usual = f"{numbers.interval(row.low, row.high)}{numbers.THIN_SPACE}%" if known else numbers.NOTHING
    picture = gauge(row.rate, (row.low, row.high), None, f"{name} {numbers.percent(row.rate)}, usually {usual}")
    return (
        f'<tr{" class=apart" if row.unusual else ""}><th scope="row">{escape(name)}</th>'
        f'<td class="rate">{numbers.percent(row.rate)}</td><td class="drawn">{picture if known else ""}</td>'
        f'<td class="people">{usual}</td><td>{verdict_html(verdict(row.metric, row.verdict))}</td></tr>'
    )


def _numbers(row):
    rate = Rate(int(row.count), int(row.base), row.base_name)
    return [
        str(row.label),
        f"{definition(row.metric).label}, {CHANNEL_NAMES[row.channel]}",
        numbers.count(row.count),
        f"{numbers.count(row.base)} {row.base_name}",
        numbers.interval(rate.low, rate.high),
        numbers.interval(row.low, row.high),
        numbers.percent(row.expected),
        numbers.count(row.history),
        row.verdict,
    ]
