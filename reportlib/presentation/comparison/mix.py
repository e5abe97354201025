"""Mix or behaviour as tables: what groups add to the gap between two rates."""

import math
from collections.abc import Sequence
from html import escape

import pandas as pd

from reportlib.metrics.comparison.mix.limits import PARTS, part_limits
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display, name_html, one_below_the_other
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.folds import folded
from reportlib.presentation.look.table import dimension_name, table

TOP_GROUPS = 5


def split(gaps: Sequence[pd.DataFrame], top: int = TOP_GROUPS) -> Display:
    """Each gap of `comparison_report.gaps` split into mix and behaviour by group; the printed parts add up."""
    several = len({gap.attrs["campaign"] for gap in gaps}) > 1
    parts = [_gap(gap, top, several) for gap in gaps if len(gap) > 1]
    if not parts:
        return Display('<p class="empty">Nothing to split: no two groups.</p>', "Nothing to split: no two groups.")
    return one_below_the_other(parts)


def adding_up(parts: Sequence[float], total: float) -> list[float]:
    """Parts rounded to hundredths so that they add up to the rounded total: the largest remainders are rounded up."""
    hundredths = [100 * part for part in parts]
    down = [math.floor(part) for part in hundredths]
    short = round(100 * total) - sum(down)
    by_remainder = sorted(range(len(parts)), key=lambda at: down[at] - hundredths[at])
    raised = set(by_remainder[:short])
    return [(part + (at in raised)) / 100 for at, part in enumerate(down)]


def _gap(gap, top, named):
    about, shown = gap.attrs, gap.head(top)
    rest = gap.iloc[top:]
    groups = shown.to_dict("records")
    if len(rest):
        summed = rest.drop(columns="group").sum()
        groups.append({**summed, "group": numbers.plural(len(rest), "other group")})
    places = [[at] for at in range(len(shown))] + [range(len(shown), len(gap))] * bool(len(rest))
    limits = [part_limits(gap, these) for these in (*places, range(len(gap)))]
    printed = adding_up([group[kind] for group in groups for kind in ("composition", "behaviour")], about["gap"])
    composition, behaviour = printed[::2], printed[1::2]
    by_channel = about["dimension"] == "channel"
    sizes = gap["base"].sum(), gap["baseline_base"].sum()
    rows = [
        [
            name_html(CHANNEL_NAMES.get(group["group"], group["group"]) if by_channel else group["group"]),
            _change(group["baseline_base"], sizes[1], group["base"], sizes[0]),
            _change(group["baseline_count"], group["baseline_base"], group["count"], group["base"]),
            *_points((mixed, behaved, mixed + behaved), within),
        ]
        for group, mixed, behaved, within in zip(groups, composition, behaviour, limits, strict=False)
    ]
    totals = _points((sum(composition), sum(behaviour), sum(printed)), limits[-1])
    rows.append(["All together", "", "", *totals])
    name = dimension_name(about["dimension"])
    caption = f"{about['label']}: the gap of {about['campaign']} to {about['baseline']} by {name.lower()}, in points"
    caption += ", with 95 % intervals"
    mixed, behaved = (numbers.points(sum(part)) for part in (composition, behaviour))
    finding = f"{name}: {mixed} points by mix, {behaved} by behaviour"
    heads = [
        name,
        f"Share of {about['base']}",
        f"{about['label']}, of {about['base']}",
        "By mix",
        "By behaviour",
        "Together",
    ]
    told = table(caption, heads, rows)
    of = f" of {about['campaign']} to {about['baseline']}" if named else ""
    groups = folded(f"By {name.lower()}, group by group", told.html, is_printed=True)
    html = f'<p class="finding">{escape(finding + of)}</p>{groups}'
    return Display(html, f"{finding}{of}. {told.text}")


def _points(parts, within):
    """ "+1.20, +0.80 to +1.60" of each part."""
    return [
        f"{numbers.points(part)} <small>{numbers.points(low)} to {numbers.points(high)}</small>"
        for part, (low, high) in zip(parts, (within[name] for name in PARTS), strict=True)
    ]


def _change(was, was_of, became, became_of):
    before, after = (
        numbers.percent(part / whole if whole else None) for part, whole in ((was, was_of), (became, became_of))
    )
    return f"{before} → {after}"
