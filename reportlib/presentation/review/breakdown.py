"""Groups of people beside each other: one table in which each rate has its interval drawn in the row."""

from html import escape

import pandas as pd

from reportlib.metrics import base_words, definition, rate_of
from reportlib.metrics.people.apart import ASKED
from reportlib.metrics.people.measured import EITHER
from reportlib.metrics.people.rates import BASE_WORDS
from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand.brand import brand
from reportlib.presentation.look.display import Display, name_html
from reportlib.presentation.look.drawing.rate_picture import interval_picture
from reportlib.presentation.look.folds import folded, the_numbers
from reportlib.presentation.look.table import THIN_GROUP, UNMEASURED, dimension_name
from reportlib.presentation.look.totals import nothing

LEGEND = "Dot: rate; line: 95\u202f% interval; dashed: the goal; thin line: everybody."


def breakdown(groups: pd.DataFrame, top: int = 8) -> Display:
    """`metrics.groups_apart` as one table under a finding: the dimensions in which a group stands apart, largest groups
    first; those in which none does are one line that opens. Beyond `top` the groups of a dimension are one row.

    Example
    -------
    >>> groups = metrics.breakdowns(warehouse, "spring-sale", by="attribute:tier")
    >>> print(tables.breakdown(metrics.groups_apart(groups)).text)
    No group differs beyond luck
    Tier bronze Delivered 94.5 % (94.1–94.9) of 11,361 audience Clicked 5.8 % (5.3–6.2) of 10,737 delivered
    Tier silver Delivered 94.1 % (93.3–94.8) of 3,709 audience Clicked 6.4 % (5.6–7.2) of 3,491 delivered
    ...
    """
    kept = groups[groups.groupby("dimension")["group"].transform("size") > 1]
    if kept.empty:
        return nothing(groups, "No two groups to compare.")
    apart = kept["delivered_apart"] | kept["clicked_apart"]
    differing = [name for name, of_dimension in apart.groupby(kept["dimension"], sort=False) if of_dimension.any()]
    different, alike = (kept[kept["dimension"].isin(differing) == is_in] for is_in in (True, False))
    scales, everybody = _scales(kept), _everybody(kept)
    html = f'<p class="finding">{escape(_finding(kept))}</p>'
    legend = f'<p class="base">{_bases(kept)} {LEGEND}</p>'
    if len(different):
        html += legend + _table(different, top, scales, everybody)
    if len(alike):
        html += folded(_alike(alike), f"{legend}{_table(alike, top, scales, everybody)}")
    html += the_numbers("groups", *_numbers(kept))
    rows = [
        " ".join([dimension_name(row.dimension), str(row.group), *_said(row)]) for row in kept.itertuples(index=False)
    ]
    return Display(html, "\n".join([_finding(kept), *rows]))


def _finding(kept):
    """The group that stands apart most, in people; else that none does."""
    found = []
    for metric in ASKED:
        one = definition(metric)
        rows = kept[kept[f"{metric}_apart"]]
        rates = rows[one.numerator].astype("float64") / rows[one.bases[0]]
        people = ((rates - rows[f"{metric}_others"]) * rows[one.bases[0]]).abs()
        found += [
            (weight, f"{group} {one.label.lower()} {numbers.percent(rate)}, all others {numbers.percent(others)}")
            for weight, group, rate, others in zip(people, rows["group"], rates, rows[f"{metric}_others"], strict=True)
        ]
    if not found:
        return "No group differs beyond luck"
    more = int((kept["delivered_apart"] | kept["clicked_apart"]).sum()) - 1
    first = max(found, key=lambda one: one[0])[1]
    return f"{first}; {numbers.plural(more, 'other group stands', 'other groups stand')} apart too" if more else first


def _alike(alike):
    names = ", ".join(dimension_name(name) for name in alike["dimension"].unique())
    return f"{names}: no group differs beyond luck ({numbers.plural(len(alike), 'group')})"


def _bases(kept):
    return f"Delivered of audience, clicked of {base_words(kept)}."


def _everybody(kept):
    """The campaign's own rates, as the group that is largest and all others have them together."""
    row = kept.loc[kept["audience"].idxmax()]
    of_dimension = kept[kept["dimension"] == row["dimension"]]
    rates = {metric: rate_of(_summed(of_dimension), metric) for metric in ASKED}
    return {metric: rate.estimate if rate else None for metric, rate in rates.items()}


def _scales(kept):
    firm = kept[kept["engagement_base"] >= THIN_GROUP]
    rates = {metric: [rate_of(row, metric) for _, row in (kept if firm.empty else firm).iterrows()] for metric in ASKED}
    goals = {metric: {_goal(row, metric) for _, row in kept.iterrows()} - {None} for metric in ASKED}
    return {
        metric: _scale(metric, [one for one in known if one and one.base], goals[metric])
        for metric, known in rates.items()
    }


def _scale(metric, rates, goals):
    lows, highs = [one.low for one in rates] or [0.0], [one.high for one in rates] or [1.0]
    return (min([*lows, *goals]) if metric == "delivered" else 0.0), max([*highs, *goals])


def _goal(row, metric) -> float | None:
    """What a group's rate is held against, by the channels that it was written to on."""
    return getattr(brand().goals(row["channels"]), metric)


def _table(shown, top, scales, everybody):
    heads = "".join(
        f'<th scope="col" class="rate">{definition(metric).label}</th><td class="drawn {metric}"></td>'
        for metric in ASKED
    )
    parts = []
    for name, groups in shown.groupby("dimension", sort=False):
        title = f'<tr class="dimension"><th scope="rowgroup" colspan="6">{escape(dimension_name(name))}</th></tr>'
        rows = "".join(_row(row, scales, everybody) for row in _with_rest(groups, top))
        parts.append(f"<tbody>{title}{rows}</tbody>")
    thin = any((shown["engagement_base"] < THIN_GROUP) & (shown["engagement_base"] > 0))
    note = f'<p class="base">* Fewer than {THIN_GROUP} {base_words(shown)}: too thin to compare.</p>' if thin else ""
    overlap = (
        '<p class="base">People in several segments count in each.</p>' if "segment" in set(shown["dimension"]) else ""
    )
    head = f'<thead><tr><th scope="col">Group</th><th scope="col" class="people">People</th>{heads}</tr></thead>'
    return f'<table class="rates">{head}{"".join(parts)}</table>{note}{overlap}'


def _row(row, scales, everybody):
    cells = "".join(_cells(row, metric, scales[metric], everybody[metric]) for metric in ASKED)
    few = f"fewer than {THIN_GROUP} {BASE_WORDS[row['engagement_base_name']]}"
    thin = f' <abbr title="{few}">*</abbr>' if row["engagement_base"] < THIN_GROUP else ""
    apart = row["delivered_apart"] or row["clicked_apart"]
    return (
        f'<tr{" class=apart" if apart else ""}><th scope="row">{name_html(row["group"])}{thin}</th>'
        f'<td class="people">{numbers.count(row["audience"])}</td>{cells}</tr>'
    )


def _cells(row, metric, scale, everybody):
    rate, apart = rate_of(row, metric), bool(row[f"{metric}_apart"])
    if rate is None or rate.estimate is None:
        words = numbers.NOTHING if rate else UNMEASURED
        return f'<td class="rate">{words}</td><td class="drawn {metric}"></td>'
    goal = _goal(row, metric)
    marks = {"all": everybody, "goal": goal}
    words = f"{definition(metric).label} {numbers.interval(rate.low, rate.high, goal)}{numbers.THIN_SPACE}%"
    picture = interval_picture(rate, scale, marks, words, apart)
    mark = ""
    if apart:
        sign, word = ("▼", "lower") if rate.estimate < row[f"{metric}_others"] else ("▲", "higher")
        mark = f'<span class="apart" role="img" aria-label="{word} than the others">{sign}</span> '
    return (
        f'<td class="rate">{mark}{numbers.percent(rate.estimate, goal)}</td><td class="drawn {metric}">{picture}</td>'
    )


def _with_rest(groups, top):
    """The largest groups and all that stand apart; the others as one row."""
    apart = groups["delivered_apart"] | groups["clicked_apart"]
    shown = apart | (pd.Series(range(len(groups)), groups.index) < top)
    yield from groups[shown].to_dict("records")
    rest = groups[~shown]
    if len(rest):
        alike = {f"{metric}_{what}": value for metric in ASKED for what, value in (("apart", False), ("others", None))}
        yield {"group": numbers.plural(len(rest), "other group"), **_summed(rest), **alike}


def _summed(groups):
    """Groups as one, in the columns that `rate_of` asks for; not measured where one of them is not."""
    names = groups["engagement_base_name"].unique()
    return groups[["audience", "delivered", "failed", "engagement_base"]].sum().to_dict() | {
        "clicked_in_base": groups["clicked_in_base"].sum(skipna=False),
        "delivery_measured": bool(groups["delivery_measured"].all()),
        "engagement_base_name": names[0] if len(names) == 1 else EITHER,
        "channels": "+".join(sorted(set("+".join(groups["channels"]).split("+")) - {""})),
    }


def _numbers(kept):
    heads = ["Group", "", "Audience", "Delivered", "95 % interval", "Failed", "Clicked", "95 % interval"]
    rows = []
    for row in kept.to_dict("records"):
        delivered, clicked = (_counted(rate_of(row, metric), _goal(row, metric)) for metric in ASKED)
        rows.append(
            [
                str(row["group"]),
                dimension_name(row["dimension"]),
                numbers.count(row["audience"]),
                *delivered,
                numbers.count(row["failed"]) if rate_of(row, "failed") else numbers.UNMEASURED,
                *clicked,
            ]
        )
    return heads, rows


def _counted(rate, goal):
    if rate is None:
        return numbers.UNMEASURED, numbers.NOTHING
    return numbers.count(rate.count), numbers.interval(rate.low, rate.high, goal)


def _said(row):
    rates = {metric: rate_of(row._asdict(), metric) for metric in ASKED}
    return [
        f"{definition(metric).label} {numbers.rate(rate) if rate else numbers.UNMEASURED}"
        for metric, rate in rates.items()
    ]
