"""What the slots of the week say, in sentences, with restraint: no hour is named that luck could have named."""

import pandas as pd

from reportlib.metrics import Rate, definition
from reportlib.metrics.send_times.effects import ENOUGH_PER_SLOT
from reportlib.presentation.look import numbers
from reportlib.presentation.look.finding import CHANNEL_NAMES, Finding
from reportlib.presentation.look.heatmap import slot_name
from reportlib.presentation.send_times.tables import against_usual

FEW_ZONES_KNOWN = 0.9  # of recipients; below it the map mixes their clocks with the account's
MOST_NAMED = 3


def headline(effects: pd.DataFrame, plan: pd.DataFrame, times: pd.DataFrame) -> list[Finding]:
    """What to do about send times, from `slot_effects`, `slots_to_try` and `response_times`."""
    if not effects["delivered"].any():
        return [Finding("send time", "warning", "Nothing has been delivered yet: there is nothing to go by.")]
    if effects.attrs["usual"] is None:
        window = f"{effects.attrs['window_hours']:g} h"
        return [Finding("send time", "warning", f"No message is {window} old yet: it is too early to judge any hour.")]
    return [*_recommended(effects), *_usual(effects), *_to_try(plan, effects), *_soon(times)]


def caveats(effects: pd.DataFrame, slots: pd.DataFrame) -> list[Finding]:
    """What limits the maps at hand, from `slot_effects` and `send_slots`: each only where it applies."""
    return [
        *_young(effects),
        *_thin(effects),
        *_one_campaign(slots),
        *_not_drawn(effects),
        *_channel_limits(slots),
        *_clock(effects),
    ]


def _recommended(effects):
    usual = slot_name(*effects.attrs["usual"])
    better = effects[effects["better"]].sort_values("lift_low", ascending=False)
    if len(better):
        best = effects.attrs["best"]
        row = effects[(effects["weekday"] == best[0]) & (effects["hour"] == best[1])].iloc[0]
        text = (
            f"{slot_name(*best)} is answered better than the usual slot, {usual}: {against_usual(row['lift'])} it "
            f"within the same campaigns, at least {against_usual(row['lift_low'])} ({100 * effects.attrs['level']:.3g} "
            "% one-sided level, the number of slots asked about allowed for)."
        )
        others = [slot_name(one.weekday, one.hour) for one in better.itertuples() if (one.weekday, one.hour) != best]
        if others:
            text += f" So {'is' if len(others) == 1 else 'are'} {', '.join(others[:MOST_NAMED])}"
            text += f" and {numbers.plural(len(others) - MOST_NAMED, 'other')}." if others[MOST_NAMED:] else "."
        return [Finding("send time", "good", text, "Confirm it: split the next campaign at random between the two.")]
    asked = int((effects["identified"] & (effects["support"] == "supported")).sum()) - 1
    text = f"No slot is distinguishable from the usual one, {usual}"
    if asked > 0:
        text += (
            f": {numbers.plural(asked, 'other')} could be held against it within the same campaigns, none is better "
        )
        text += "beyond luck."
    else:
        text += ", since none can be held against it: that takes slots of 1,000 messages or more, and two campaigns or "
        text += "more that went out in both."
    return [Finding("send time", "note", text, "Keep the usual slot, and test others.")]


def _usual(effects):
    weekday, hour = effects.attrs["usual"]
    row = effects[(effects["weekday"] == weekday) & (effects["hour"] == hour)].iloc[0]
    in_slot = Rate(int(row["delivered"]), int(effects["delivered"].sum()), "delivered messages")
    tried = int((effects["delivered"] > 0).sum())
    text = (
        f"{slot_name(weekday, hour)} carries {numbers.percent(in_slot.estimate)} of {numbers.count(in_slot.base)} "
        f"delivered messages; of the week's 168 slots, {tried} {'has' if tried == 1 else 'have'} been tried."
    )
    return [Finding("usual", "note", text)]


def _to_try(plan, effects):
    if plan.empty:
        return []
    named = [slot_name(row.weekday, row.hour) for row in plan.itertuples(index=False)]
    needed = numbers.count(plan["needed"].iloc[0])
    text = (
        f"To learn more, try {', '.join(named[:-1])} or {named[-1]}"
        if len(named) > 1
        else f"To learn more, try {named[0]}"
    )
    text += f": {needed} messages there and as many at {slot_name(*effects.attrs['usual'])}, split at random."
    return [Finding("plan", "note", text)]


def _soon(times):
    found = []
    for row in times.itertuples(index=False):
        if not pd.isna(row.median_minutes):
            found.append(
                f"{CHANNEL_NAMES[row.channel]} {numbers.duration(row.median_minutes)} "
                f"and {numbers.duration(row.most_minutes)}"
            )
    text = f"Half, and nine in ten, of those who respond have done so after: {'; '.join(found)}."
    return [Finding("latency", "note", text)] if found else []


def _young(effects):
    young = int(effects["delivered"].sum() - effects["mature"].sum())
    if young:
        share = numbers.percent(young / int(effects["delivered"].sum()))
        text = (
            f"{numbers.count(young)} delivered messages, {share} of all, are younger than "
            f"{effects.attrs['window_hours']:g} h and in no rate."
        )
        yield Finding("young", "note", text)


def _thin(effects):
    thin = int((effects["support"] == "thin").sum())
    if thin:
        text = f"{numbers.plural(thin, 'slot has', 'slots have')} fewer than {numbers.count(ENOUGH_PER_SLOT)} messages "
        text += "that are old enough: shown, but never recommended."
        yield Finding("thin", "note", text)


def _one_campaign(slots):
    if slots["campaign_id"].nunique() == 1:
        text = "One campaign only: a slot's rate cannot be told from that of the campaign, and no slot is recommended."
        yield Finding("one campaign", "warning", text)


def _not_drawn(effects):
    if effects["identified"].any():
        text = (
            "Who of a campaign got it at which hour was not drawn at random, as far as the data shows: a slot that is "
            "answered better may have reached other people. A random split settles it."
        )
        yield Finding("cause", "note", text)


def _channel_limits(slots):
    one = definition(slots.attrs["metric"])
    for channel in CHANNEL_NAMES:
        if channel in (one.limits or {}) and (slots["channel"] == channel).any() and not one.pooled:
            yield Finding("channel", "note", f"{one.label}, {CHANNEL_NAMES[channel]}: {one.limits[channel]}.")


def _clock(effects):
    known = effects.attrs["zone_known"]
    if known is not None:
        level = "note" if known >= FEW_ZONES_KNOWN else "warning"
        text = f"The own time zone is known for the recipients of {numbers.percent(known)} of the delivered messages; "
        yield Finding("zone", level, f"{text}for the others the account's counts.")
    else:
        text = f"All hours are those of {effects.attrs['timezone']}; recipients elsewhere live in others."
        yield Finding("zone", "note", text, "timezone: recipient uses each recipient's own, where it is known.")
