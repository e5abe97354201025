"""The first screen of a report on what messages caused: for people who have 20 seconds."""

from collections.abc import Sequence

import pandas as pd

from reportlib.metrics.impact.effect import Effect
from reportlib.metrics.impact.trial import Trial
from reportlib.presentation.look import numbers
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.finding import Finding
from reportlib.presentation.look.first_screen import Action, FirstScreen, short_name, with_short_names

BAD_WORDS = ("unsubscribed", "complained")  # of which more is worse


def first_screen(trial: Trial | None, found: Sequence[Effect], plan: pd.DataFrame, costs: pd.DataFrame) -> FirstScreen:
    """The clearest effect in a sentence, the arms as cards, what to do, what to believe."""
    if trial is None:
        text = "Nobody was held out: what followed the messages is known, what they caused is not."
        action = Action("Hold some people out next time", "A random tenth that gets nothing shows what messages cause.")
        return FirstScreen(Finding("verdict", "note", text), [], [action], NOT_CAUSED)
    if not found:
        text = "Nobody did anything that is recorded in the time that counts: there are no outcomes to compare."
        action = Action("Bring outcomes in", "Orders, visits or sign-ups.", command="reportlib import outcomes FILE")
        return FirstScreen(Finding("verdict", "note", text), [], [action], _believe(trial))
    best = clearest(found)
    others = [one.in_short for one in found if one is not best and one.is_shown and one.outcome == best.outcome]
    names = {name for one in found for name in (one.variant, one.versus, one.outcome)}
    said, other = (numbers.whole(with_short_names(text, names)) for text in (best.in_short, " ".join(others[:1])))
    verdict = Finding("verdict", level(best), said, other)
    return FirstScreen(
        verdict, _cards(best, found, costs, trial.has_holdout), _to_do(trial, best, plan), _believe(trial, best)
    )


NOT_CAUSED = "Attribution counts what followed a message, and much of that would have happened without it."


def clearest(found: Sequence[Effect]) -> Effect:
    """Of the commonest outcome, the arm of the largest shown effect on people; else its first."""
    alike = [one for one in found if (one.outcome, one.measure) == (found[0].outcome, found[0].measure)]
    return max(alike, key=lambda one: (one.is_shown, one.difference or 0))


def level(effect: Effect) -> str:
    """How good an effect is, a key of SYMBOLS."""
    if effect.word == "stopped":
        return "bad"
    if effect.word in ("higher", "lower"):
        return "good" if (effect.word == "higher") != (effect.outcome in BAD_WORDS) else "warning"
    return "note"


def _cards(best, found, costs, has_holdout):
    people = [one for one in found if (one.outcome, one.measure) == (best.outcome, "people")]
    money = next((one for one in found if one.outcome == best.outcome and one.measure == "value"
                  and one.variant == best.variant), None)  # fmt: skip
    cards = [
        Card(short_name(best.versus), numbers.percent(best.mean_versus),
             f"of {numbers.count(best.assigned_versus)} assigned",
             f"did “{short_name(best.outcome)}”{' anyway' if has_holdout else ''}"),
        Card(short_name(best.variant), numbers.percent(best.mean), f"of {numbers.count(best.assigned)} assigned",
             f"did “{short_name(best.outcome)}”"),
    ]  # fmt: skip
    extra = sum(one.total for one in people if one.is_shown) if any(one.is_shown for one in people) else None
    low, high = (sum(getattr(one, side) * one.assigned for one in people if one.is_shown) for side in ("low", "high"))
    within = "" if extra is None else f"{numbers.signed(low, 0)} to {numbers.signed(high, 0)}"
    cost = cost_per_extra(best, costs)
    cards.append(Card("Caused in all", numbers.NOTHING if extra is None else numbers.signed(extra, 0), within,
                      f"people, “{short_name(best.outcome)}”" + (f"; {cost} each" if cost else "")))  # fmt: skip
    if money is not None and money.difference is not None:
        said = f"{numbers.signed(money.difference, 2)} {money.currency}"
        limits = f"{numbers.signed(money.low, 2)} to {numbers.signed(money.high, 2)}"
        in_all = f"{numbers.signed(money.total, 0)} {money.currency} in all"
        cards.append(Card("Money per person", said, limits, in_all))
    return cards


def cost_per_extra(effect: Effect, costs: pd.DataFrame) -> str:
    """ "1.20 EUR" that the arm's messages cost for each further person; "" where nobody knows."""
    rows = costs[costs["variant"] == effect.variant]
    if len(rows) != 1 or not effect.is_shown or (effect.difference or 0) <= 0:
        return ""
    return f"{numbers.decimal(rows['cost'].iloc[0] / effect.total, 2)} {rows['currency'].iloc[0]}"


def _to_do(trial, best, plan):
    if trial.stops:
        return [Action("Find out how people came into the arms", trial.stops[0].text)]
    if best.word == "higher" and level(best) == "good":
        gain = f"≈ +{numbers.count(round(10_000 * best.difference))} of 10,000 people do “{short_name(best.outcome)}”"
        keep = (
            []
            if trial.has_holdout
            else [Action("Hold some people out next time", "It shows what sending itself causes.")]
        )
        return [Action(f"Send {short_name(best.variant)} to those held out, too", "", gain), *keep]
    if best.word == "lower" or level(best) == "warning":
        return [Action(f"Do not send {short_name(best.variant)} as it is")]
    larger = plan[(plan["times"] == 1)].dropna(subset="detectable") if not plan.empty else plan
    if larger.empty:
        return []
    row = larger.sort_values("detectable").iloc[0]
    return [
        Action(
            "Test again before concluding anything",
            f"With {numbers.percent(row['share'])} of {numbers.count(row['people'])} people held out, a difference of "
            f"{numbers.points(100 * row['detectable'])} points is found four times in five.",
        )
    ]


def _believe(trial, best=None):
    days = numbers.duration(trial.age_ms / 60_000)
    said = [
        f"Everybody counts in the arm they were assigned to, reached or not, with what they did within {days} after "
        f"that{'' if trial.is_final else ', which is not final yet'}."
    ]
    if not trial.has_holdout:
        said.append("Nobody was held out: the difference is between two messages, not between a message and none.")
    if best is not None and best.low is not None:
        said.append(f"What luck may make of it (±) is of a {numbers.significant(100 * best.level, 3)} % interval.")
    warned = [
        reason.text for reason in (best.reasons if best else ()) if reason.guard in ("contamination", "small counts")
    ]
    return " ".join([*said, *warned[:1]])
