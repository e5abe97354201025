"""Maps of the week, hour by weekday, of what can be counted."""

import altair as alt
import pandas as pd

from reportlib.definitions import IMPLY_DELIVERY
from reportlib.presentation.look import numbers
from reportlib.presentation.look.drawing.chart import described, sentence_only
from reportlib.presentation.look.palette import GROUND, HEAT, WIDE
from reportlib.presentation.look.totals import known_as_totals
from reportlib.warehouse.source.message_columns import ENGAGEMENT

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
KIND_NAMES = {kind: ENGAGEMENT[kind].number.capitalize() for kind in IMPLY_DELIVERY}  # "Opens"
TALL = 140  # pixels of a map
HIGHEST = 0.88  # of a row, that the highest bar fills


def activity_heatmap(frame: pd.DataFrame) -> alt.VConcatChart | alt.Chart:
    """When people acted, from `metrics.activity`: a map of hour and weekday per kind of event, machines left out.

    Example
    -------
    >>> heatmaps.activity_heatmap(metrics.activity(warehouse, "spring-sale"))
    alt.VConcatChart(...)
    """
    maps = {KIND_NAMES[kind]: people(frame[frame["kind"] == kind]) for kind in KIND_NAMES}
    maps = {name: counts for name, counts in maps.items() if counts.sum()}
    if not maps:
        return sentence_only(known_as_totals(frame) or "No open, click or reply is known yet.")
    caption = (
        "When people acted, given when the messages went out: not the best time to send. The higher and stronger, "
        f"the more. Hours of {frame.attrs['timezone']}, without machines."
    )
    panels = [_count_map(counts, title) for title, counts in maps.items()]
    return maps_told(alt.vconcat(*panels, spacing=22, resolve=dict(scale=dict(color="independent"))), maps, caption)


def maps_told(chart: alt.VConcatChart, maps: dict[str, pd.Series], caption: str) -> alt.VConcatChart:
    """Maps of counts by (weekday, hour), with their words and their numbers."""
    told = [_busiest(counts, title) for title, counts in maps.items()]
    rows = [
        [title, day, *map(numbers.count, counts.loc[at + 1])]
        for title, counts in maps.items()
        for at, day in enumerate(WEEKDAYS)
    ]
    return described(chart, " ".join(told), caption, ["", "", *[f"{hour} h" for hour in range(24)]], rows)


def people(events: pd.DataFrame) -> pd.Series:
    """The week's events of people, without machines."""
    return week(events.assign(of_people=events["events"] - events["machine_events"]), "of_people")


def week(frame, column) -> pd.Series:
    """Sums of a column for all 168 hours of the week, by (weekday, hour)."""
    week = pd.MultiIndex.from_product([range(1, 8), range(24)], names=["weekday", "hour"])
    return frame.groupby(["weekday", "hour"])[column].sum().reindex(week, fill_value=0)


def _count_map(counts, title):
    labels, level = _heat_levels(counts)
    cells = counts.reset_index(name="counted").assign(level=level)
    cells["said"] = [
        f"{slot_name(cell.weekday, cell.hour)}: {numbers.count(cell.counted)}" for cell in cells.itertuples(index=False)
    ]
    shown = cells[cells["counted"] > 0].sort_values("level", kind="stable")  # empty ones are the ground
    return bars(shown[["weekday", "hour", "level", "said"]], labels[1:], HEAT[1:], title).encode(
        tooltip=[alt.Tooltip("said:N", title=title.lower())], description=alt.Description("said:N")
    )


def _heat_levels(counts):
    """Labels of at most five steps from 1 to the largest count, "0" before them, and each count's label.

    The steps widen as squares do, since a few hours hold most of what happens.
    """
    largest = int(counts.max())
    steps = min(5, largest)
    tops = sorted({max(step, -(-largest * step * step // (steps * steps))) for step in range(1, steps + 1)})
    bottoms = [1, *[top + 1 for top in tops[:-1]]] if tops else []
    ranges = [
        numbers.count(b) if b == t else f"{numbers.count(b)}–{numbers.count(t)}"
        for b, t in zip(bottoms, tops, strict=True)
    ]
    labels = ["0", *ranges]
    return labels, [labels[sum(count >= bottom for bottom in bottoms)] for count in counts]


def bars(slots, labels: list[str], colours: tuple[str, ...], title="", is_named=True, tall=TALL, **mark) -> alt.Chart:
    """Slots by weekday and hour as bars in seven rows, as high as their `level` is far in `labels`, and as dark: how
    much is told by more than colour."""
    step = slots["level"].map({label: at for at, label in enumerate(labels, 1)})
    drawn = on_map(slots, HIGHEST * step / len(labels))
    return (
        alt.Chart(drawn, title=title, width=WIDE, height=tall, view=dict(fill=HEAT[0]))
        .mark_rect(**{"width": alt.RelativeBandSize(0.9)} | mark)
        .encode(x=hours(), y=rows(tall), y2=alt.Y2("top:Q"), color=steps(labels, colours, is_named))
    )


def rows(tall: int = TALL) -> alt.Y:
    """Seven rows from Monday down; `floor` is where the bars of a row stand, 6 to 0."""
    axis = dict(values=list(range(7)), labelExpr=f"{list(WEEKDAYS[::-1])}[datum.value]", labelOffset=-tall / 14)
    axis |= dict(labelOverlap=False, grid=True, gridColor=GROUND, gridWidth=1.5)
    return alt.Y("floor:Q", title=None, scale=dict(domain=[0, 7], nice=False), axis=axis)


def hours() -> alt.X:
    """The hours of the day across, all 24."""
    every_third = dict(labelAngle=0, values=list(range(0, 24, 3)), labelExpr="datum.value + ' h'")
    return alt.X("hour:O", title=None, axis=every_third, scale=dict(domain=list(range(24))))


def steps(labels: list[str], colours: tuple[str, ...], is_named: bool = True) -> alt.Color:
    """The column `level` as steps of colour, named in one line above a map unless another has named them."""
    scale = dict(domain=labels, range=list(colours[: len(labels)]))
    legend = dict(symbolType="square", symbolSize=160, symbolStrokeWidth=0) if is_named else None
    return alt.Color("level:O", title=None, sort=labels, scale=scale, legend=legend)


def on_map(slots: pd.DataFrame, high=HIGHEST, above=0.0, **columns) -> pd.DataFrame:
    """The slots with where they lie in the row of their weekday, `floor` to `top`, and further columns."""
    floor = 7 - slots["weekday"] + above
    return slots.drop(columns="weekday").assign(floor=floor, top=floor + high, **columns)


def _busiest(counts, name):
    day, hour = counts.idxmax()
    most = f"{slot_name(day, hour)}: {numbers.count(counts.max())}"
    return f"{name} by hour and weekday: {numbers.count(counts.sum())} in all, most in one hour {most}."


def slot_name(weekday: int, hour: int) -> str:
    """ "Tue 10 h" of an ISO weekday and an hour."""
    return f"{WEEKDAYS[weekday - 1]} {hour} h"
