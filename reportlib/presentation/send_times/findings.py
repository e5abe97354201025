"""What the slots of the week say, in sentences, with restraint: no hour is named that luck could have named."""

import pandas as pd

from reportlib.metrics import Rate, definition
from reportlib.metrics.send_times.effects import ENOUGH_PER_SLOT
from reportlib.presentation.look import numbers
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.drawing.heatmap import slot_name
from reportlib.presentation.look.finding import CHANNEL_NAMES, Finding
from reportlib.presentation.look.first_screen import Action, FirstScreen
from reportlib.presentation.look.totals import known_as_totals
from reportlib.presentation.send_times.tables import against_usual, so_far

FEW_ZONES_KNOWN = 0.9  # of recipients; below it the map mixes their clocks with the account's
MOST_NAMED, MOST_TESTS = 3, 2


def first_screen(
    effects: pd.DataFrame, plan: pd.DataFrame, times: pd.DataFrame, tests: pd.DataFrame | None = None
) -> FirstScreen:
    """When to send, as far as it can be told, from `slot_effects`, `slots_to_try` and `response_times`; beside it what
    `send_time_tests` say."""
    if not effects["delivered"].any():
        said = known_as_totals(effects) or "No delivery is known yet: there is nothing to go by."
        return FirstScreen(Finding("send time", "warning", said))
    if effects.attrs["usual"] is None:
        window = f"{effects.attrs['window_hours']:g} h"
        return FirstScreen(
            Finding("send time", "warning", f"No message is {window} old yet: it is too early to judge any hour.")
        )
    verdict = _recommended(effects)
    return FirstScreen(verdict, _cards(effects, times), _to_try(plan, effects, verdict), _believe(effects, tests))


def caveats(effects: pd.DataFrame, slots: pd.DataFrame) -> list[Finding]:
    """What limits the maps at hand, from `slot_effects` and `send_slots`: each only where it applies."""
    return [
        *_young(effects),
        *_thin(effects),
        *_one_campaign(slots),
        *_others(effects),
        *_not_drawn(effects),
        *_channel_limits(slots),
        *_clock(effects),
        *([Finding("totals", "note", known_as_totals(slots))] if known_as_totals(slots) else []),
    ]


def _recommended(effects) -> Finding:
    usual = slot_name(*effects.attrs["usual"])
    better = effects[effects["better"]].sort_values("lift_low", ascending=False)
    if len(better):
        best = effects.attrs["best"]
        row = effects[(effects["weekday"] == best[0]) & (effects["hour"] == best[1])].iloc[0]
        text = f"{slot_name(*best)} is answered better than your usual {usual}: {against_usual(row['lift'])} it."
        named = [slot_name(one.weekday, one.hour) for one in better.itertuples() if (one.weekday, one.hour) != best]
        more = f" So {'is' if len(named) == 1 else 'are'} {_named(named)}." if named else ""
        certain = f"At least {against_usual(row['lift_low'])} it, within the same campaigns and beyond luck.{more}"
        return Finding("send time", "good", text, certain)
    if effects["withheld"].any():
        return _withheld(effects, usual)
    asked = int((effects["identified"] & (effects["support"] == "supported")).sum()) - 1
    text = f"No hour is known to be better than your usual one, {usual}."
    if asked > 0:
        others = numbers.plural(asked, "other")
        why = f"{others} could be held against it within the same campaigns; none is better beyond luck."
    else:
        why = "None can be held against it: that takes hours with 1,000 messages, and campaigns that went out in both."
    return Finding("send time", "note", text, why)


def _withheld(effects, usual):
    """A slot that looks better, and whose receivers were others than the usual one's."""
    row = effects[effects["withheld"]].sort_values("lift_low", ascending=False).iloc[0]
    slot, more = slot_name(row["weekday"], row["hour"]), "more" if row["readier"] > 0 else "fewer"
    text = f"{slot} went to other people than your usual {usual}: no hour can be called better."
    why = (
        f"It is answered {against_usual(row['lift'])} it; but of its receivers {numbers.about(abs(row['readier']))} "
        f"{more} had answered before, within the same campaigns. Only a random split tells what the hour does."
    )
    return Finding("send time", "warning", text, why)


def _named(slots):
    more = f" and {numbers.plural(len(slots) - MOST_NAMED, 'other')}" if slots[MOST_NAMED:] else ""
    return ", ".join(slots[:MOST_NAMED]) + more


def _cards(effects, times):
    weekday, hour = effects.attrs["usual"]
    row = effects[(effects["weekday"] == weekday) & (effects["hour"] == hour)].iloc[0]
    total, label = int(effects["delivered"].sum()), definition(effects.attrs["metric"]).label
    rate = Rate(int(row["responded"]), int(row["mature"]), "messages")
    tried = int((effects["delivered"] > 0).sum())
    soonest = times[times["median_minutes"].notna()].sort_values("answered", ascending=False).head(1)
    cards = [
        Card(
            "Usual hour",
            slot_name(weekday, hour),
            f"{numbers.about(row['delivered'] / total)} of {numbers.count(total)}",
        ),
        Card(f"{label}, at that hour", numbers.percent(rate.estimate), f"of {numbers.count(rate.base)}"),
        Card("Hours tried", numbers.count(tried), "of the week's 168", "the others are untested, which is not bad"),
    ]
    for one in soonest.itertuples(index=False):
        most = f"90\u202f% within {numbers.duration(one.most_minutes)}"
        half = numbers.duration(one.median_minutes)
        cards.append(Card(f"Half answered, {CHANNEL_NAMES[one.channel]}", half, most))
    return cards


def _to_try(plan, effects, verdict):
    usual = slot_name(*effects.attrs["usual"])
    found = []
    if verdict.level == "good":
        best = slot_name(*effects.attrs["best"])
        found.append(Action(f"Confirm {best} against {usual}", "Split the next campaign at random between the two."))
    for row in plan.itertuples(index=False):
        hoped = "" if pd.isna(row.hoped) else f"up to {against_usual(row.hoped - 1)} the usual"
        why = f"{numbers.count(row.needed)} messages in each, split at random; {so_far(row)}."
        found.append(Action(f"Test {slot_name(row.weekday, row.hour)} against {usual}", why, hoped))
    return found or [Action(f"Keep {usual}, and test other hours", "Only a random split tells what an hour does.")]


def tested(tests: pd.DataFrame) -> list[Finding]:
    """What tests of send times said, from `send_time_tests`, a sentence each."""
    found = []
    for row in tests.itertuples(index=False):
        begun = "Split at random" if row.is_final else "Being split at random, not final"
        level = "note" if row.word not in ("higher", "lower") else "good"
        found.append(Finding("test", level, f"{begun}: {row.sentence}"))
    return found


def _believe(effects, tests):
    said = [one.text for one in tested(tests)[:MOST_TESTS]] if tests is not None else []
    said += ["That clicks come at an hour does not make it a good hour to send: they follow what was sent."]
    if effects["identified"].any():
        said.append("Who got it at which hour was not drawn at random, as far as is known: a random split settles it.")
    young = int(effects["delivered"].sum() - effects["mature"].sum())
    if young:
        share = numbers.percent(young / int(effects["delivered"].sum()))
        said.append(f"{numbers.count(young)} messages ({share}) are too young to be in any rate.")
    return " ".join(said)


def _young(effects):
    young = int(effects["delivered"].sum() - effects["mature"].sum())
    if young:
        share = numbers.percent(young / int(effects["delivered"].sum()))
        text = (
            f"{numbers.count(young)} messages, {share} of all, are younger than "
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


def _others(effects):
    named = [slot_name(one.weekday, one.hour) for one in effects[effects["others"]].itertuples()]
    if named:
        text = f"Not the same people: receivers in {_named(named)} had answered more or less often before they got it "
        text += "than those of the usual slot, within the same campaigns. Such slots are not recommended."
        yield Finding("others", "warning" if effects["withheld"].any() else "note", text)


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
        if channel in one.limits and (slots["channel"] == channel).any() and not one.pooled:
            yield Finding("channel", "note", f"{one.label}, {CHANNEL_NAMES[channel]}: {one.limits[channel]}.")


def _clock(effects):
    known = effects.attrs["zone_known"]
    if known is not None:
        level = "note" if known >= FEW_ZONES_KNOWN else "warning"
        text = f"The own time zone is known for the recipients of {numbers.percent(known)} of the messages; "
        yield Finding("zone", level, f"{text}for the others the account's counts.")
    else:
        text = f"All hours are those of {effects.attrs['timezone']}; recipients elsewhere live in others."
        yield Finding("zone", "note", text, "timezone: recipient uses each recipient's own, where it is known.")
