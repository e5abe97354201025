"""When to send, as charts: maps of the week's slots."""

from itertools import pairwise

import altair as alt
import pandas as pd

from reportlib.metrics import definition
from reportlib.presentation.look import numbers
from reportlib.presentation.look.drawing.chart import described, sentence_only
from reportlib.presentation.look.drawing.heatmap import (
    HIGHEST,
    TALL,
    bars,
    hours,
    maps_told,
    on_map,
    people,
    rows,
    slot_name,
    steps,
    week,
)
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.palette import GROUND, HEAT, INDEX, INK, MUTED, WIDE
from reportlib.presentation.look.totals import known_as_totals
from reportlib.presentation.send_times.tables import against_usual

RATE_COLOURS = HEAT[2:]
INDEX_STEPS = {
    "−− below −20 %": 0.8,
    "− −20 to −5 %": 0.95,
    "within 5 %": 1.05,
    "+ +5 to +20 %": 1.2,
    "++ above +20 %": float("inf"),
}  # each begins with its sign in the map
SIGN_INKS = (GROUND, INK, INK, INK, GROUND)
HATCH = "M-1,1L1,-1M-1,0L0,-1M0,1L1,0"  # three strokes from corner to corner
BUSY_STEPS = {"least: below half": 0.5, "usual": 2.0, "most: above twice": float("inf")}  # the average
BUSY_COLOURS = (HEAT[1], HEAT[3], HEAT[5])
MESSAGES, LOW = "Messages going out", 98  # pixels
BETTER, USUAL = "★", "◎"


def activity_and_exposure(frame: pd.DataFrame, slots: pd.DataFrame) -> alt.VConcatChart | alt.Chart:
    """When messages went out (`metrics.send_slots`), above when the people of each channel acted (`metrics.activity`):
    each hour against the average one, in three steps that all maps share."""
    maps = {MESSAGES: week(slots, "delivered")}
    maps |= {name: people(frame[frame["channel"] == channel]) for channel, name in CHANNEL_NAMES.items()}
    maps = {name: counts for name, counts in maps.items() if counts.any()}
    if not maps:
        return sentence_only(known_as_totals(slots) or "No delivery and no response is known yet.")
    panels = [_busy_map(counts, name, at == 0) for at, (name, counts) in enumerate(maps.items())]
    caption = (
        "Busy hours mostly follow those of the messages. Against the average of the hours in which anything happened; "
        f"hours of {frame.attrs['timezone']}; without machines."
    )
    return maps_told(alt.vconcat(*panels, spacing=14), maps, caption)


def _busy_map(counts, name, is_first):
    """One channel's week; bars have no text of their own, so that neighbours are one shape."""
    cells = counts.reset_index(name="counted")
    index = cells["counted"] / cells.loc[cells["counted"] > 0, "counted"].mean()
    cells["level"] = [next(label for label, top in BUSY_STEPS.items() if value < top) for value in index]
    shown = cells[cells["counted"] > 0].sort_values("level", kind="stable")
    day, hour = counts.idxmax()
    title = f"{name if name == MESSAGES else f'People on {name}'}: most {slot_name(day, hour)}"
    return bars(
        shown[["weekday", "hour", "level"]], list(BUSY_STEPS), BUSY_COLOURS, title, is_first, tall=LOW, aria=False
    )


def response_by_slot(effects: pd.DataFrame) -> alt.LayerChart | alt.Chart:
    """How messages were answered by the slot they went out in, from `metrics.slot_effects`: the higher and darker, the
    higher the rate; thin slots are hollow, untested ones points."""
    tested = effects[effects["mature"] > 0]
    if tested.empty:
        return sentence_only(
            (not effects["delivered"].any() and known_as_totals(effects))
            or "No delivered message is older than the window yet: no slot has a rate."
        )
    labels, level = _rate_levels(tested)
    said = [
        f"{slot_name(row.weekday, row.hour)}: {numbers.percent(row.rate)} ({numbers.interval(row.low, row.high)}) of "
        f"{numbers.count(row.mature)} messages; {row.support}"
        for row in tested.itertuples(index=False)
    ]
    marks = tested[["weekday", "hour", "support", "mature"]].assign(level=level, said=said)
    supported = marks["support"] == "supported"
    layers = [
        _telling(bars(marks[chosen], labels, RATE_COLOURS, **look))
        for chosen, look in ((supported, {}), (~supported, {"filled": False, "strokeWidth": 1.5}))
    ]
    caption = (
        f"{_asked(effects)}, in percent of the messages by the hour they went out; hours of "
        f"{effects.attrs['timezone']}. Hollow: fewer than 1,000, too few to go by. Points: never tried, which is not "
        "bad. A slot that better campaigns used looks better here; the next map allows for that."
    )
    told = f"Response by the hour of sending. {'; '.join(marks.nlargest(5, 'mature')['said'])}."
    heads = ["Slot", "Answered", "Of messages", "Rate", "95 % interval", "Support"]
    rows = [
        [
            slot_name(row.weekday, row.hour),
            numbers.count(row.responded),
            numbers.count(row.mature),
            numbers.percent(row.rate),
            numbers.interval(row.low, row.high),
            row.support,
        ]
        for row in tested.itertuples(index=False)
    ]
    return described(alt.layer(_untried(effects), *layers), told, caption, heads, rows)


def slot_index(effects: pd.DataFrame) -> alt.LayerChart | alt.Chart:
    """Each slot against the average one of the same campaigns, from `metrics.slot_effects`, drawn towards hour and
    weekday; hatched where its campaigns tell nothing else apart from it."""
    identified = effects[effects["identified"]]
    if identified.empty:
        return sentence_only(
            (not effects["delivered"].any() and known_as_totals(effects))
            or "No two hours can be held against each other: it takes two campaigns or more that each went out in both."
        )
    values = identified["shrunk"].fillna(identified["effect"])
    said = [
        f"{slot_name(row.weekday, row.hour)}: {against_usual(row.lift)} the usual slot; "
        f"{numbers.plural(row.campaigns, 'campaign')}, {numbers.count(row.mature)} messages"
        for row in identified.itertuples(index=False)
    ]
    level = [next(label for label, top in INDEX_STEPS.items() if value < top) for value in values]
    cells = on_map(identified, level=level, said=said)
    known = _marks(cells, "rect", width=alt.RelativeBandSize(0.94)).encode(
        y2=alt.Y2("top:Q"), color=steps(list(INDEX_STEPS), INDEX)
    )
    unknown = effects[(effects["delivered"] > 0) & ~effects["identified"]]
    why = [f"{slot_name(row.weekday, row.hour)}: cannot tell" for row in unknown.itertuples(index=False)]
    hatched = _marks(
        on_map(unknown, above=HIGHEST / 2, said=why), shape=HATCH, size=110, stroke=MUTED, filled=False, opacity=1
    )
    inks = dict(zip(INDEX_STEPS, SIGN_INKS, strict=True))
    signs = on_map(
        identified[["weekday", "hour"]],
        above=HIGHEST / 2,
        sign=[_sign(*one, effects) for one in zip(identified.itertuples(index=False), level, strict=True)],
        ink=[inks[one] for one in level],
    )
    signed = _marks(signs[signs["sign"] != ""], "text", fontSize=13, fontWeight=700, aria=False).encode(
        text=alt.Text("sign:N"), color=alt.Color("ink:N", scale=None)
    )
    caption = (
        f"{_asked(effects)}, against the average slot of the same campaigns, drawn towards hour and weekday. {USUAL}: "
        f"the usual slot; {BETTER}: better than it beyond luck. Hatched: tried, but its campaigns cannot be told from "
        "the hour. Points: never tried."
    )
    told = f"Slots against the average slot of the same campaigns. {'; '.join(said[:8])}."
    heads = ["Slot", "Campaigns", "Messages", "Index", "Drawn in", "95 % interval", "Against the usual slot"]
    rows = [
        [
            slot_name(row.weekday, row.hour),
            numbers.count(row.campaigns),
            numbers.count(row.mature),
            *[numbers.decimal(value, 2) for value in (row.effect, row.shrunk)],
            f"{numbers.decimal(row.shrunk_low, 2)}–{numbers.decimal(row.shrunk_high, 2)}",
            against_usual(row.lift),
        ]
        for row in identified.itertuples(index=False)
    ]
    return described(alt.layer(_untried(effects), known, hatched, signed), told, caption, heads, rows)


def _sign(row, level, effects):
    """What stands in a slot: that it is the usual one, that it is better beyond luck, else the sign of its step."""
    if (row.weekday, row.hour) == effects.attrs["usual"]:
        return USUAL
    sign = level.partition(" ")[0]
    return BETTER if row.better else sign if sign != "within" else ""


def _asked(effects):
    """ "Clicked within 48 h" of `metrics.slot_effects`."""
    return f"{definition(effects.attrs['metric']).label} within {effects.attrs['window_hours']:g} h"


def _rate_levels(tested):
    """Labels of equal steps over the rates of the slots to go by, open at both ends, and each slot's label."""
    firm = tested[tested["support"] == "supported"]
    rates = (tested if firm.empty else firm)["rate"]
    low, high = float(rates.min()), float(rates.max())
    if low == high:
        return [numbers.percent(low)], [numbers.percent(low)] * len(tested)
    steps = len(RATE_COLOURS)
    edges = [low + (high - low) * step / steps for step in range(1, steps)]
    named = [numbers.percent(edge) for edge in edges]
    between = [f"{one} to {other}" for one, other in pairwise(named)]
    labels = [f"below {named[0]}", *between, f"{named[-1]} and above"]
    return labels, [labels[sum(rate >= edge for edge in edges)] for rate in tested["rate"]]


def _marks(slots, kind="point", **options):
    """Marks in the rows of the week; those with a column `said` say it."""
    chart = getattr(alt.Chart(slots, width=WIDE, height=TALL), f"mark_{kind}")(**options)
    placed = chart.encode(x=hours(), y=rows())
    return _telling(placed) if "said" in slots else placed


def _telling(chart):
    return chart.encode(tooltip=[alt.Tooltip("said:N", title="slot")], description=alt.Description("said:N"))


def _untried(effects):
    """A point for each slot in which nothing was delivered."""
    untried = on_map(effects.loc[effects["delivered"] == 0, ["weekday", "hour"]], high=0.1, above=0.4)
    narrow = alt.RelativeBandSize(0.07)  # rectangles, which a drawing makes one path of
    return _marks(untried, "rect", width=narrow, color=MUTED, aria=False).encode(y2=alt.Y2("top:Q"))
