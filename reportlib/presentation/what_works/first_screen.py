"""The first screen of the report on what works: for people who have 20 seconds."""

from math import expm1

from reportlib.metrics import Learned, WhatWorks
from reportlib.metrics.what_works.associations import UNTOLD
from reportlib.presentation.look import numbers
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.finding import Finding
from reportlib.presentation.look.first_screen import Action, FirstScreen, short_name
from reportlib.presentation.what_works.words import fact, lift, lifts, measure

MOST_SENDS = 52  # usual campaigns that a test may take, to be among what to do: one a week for a year
CAUSES = (
    "Only experiments show causes; what winners showed is drawn towards zero, since luck helped. The rest only goes "
    "with clicks."
)


def first_screen(known: WhatWorks) -> FirstScreen:
    """What experiments have shown, what it comes to, what to test next, what to believe."""
    return FirstScreen(verdict(known), _cards(known), _to_do(known), CAUSES)


def main_measure(known: WhatWorks) -> Learned | None:
    """That of most experiments; None where nothing counts."""
    return max(known.learned, key=lambda one: one.won.base, default=None)


def verdict(known: WhatWorks) -> Finding:
    """What the experiments have shown, in a sentence or two."""
    main, asked = main_measure(known), known.experiments
    if not asked and known.told.empty:
        why = f"clicks are {numbers.UNMEASURED}" if len(known.chosen) else "no campaign has finished"
        text = f"Nothing can be learned yet: no experiment was made, and {why}."
        return Finding("verdict", "note", text)
    if not asked:
        campaigns = numbers.plural(known.told["campaign_id"].nunique(), "campaign")
        text = f"No experiment was made yet: of {campaigns} it is known what goes with clicks, not what causes them."
        return Finding("verdict", "note", text)
    experiments = numbers.plural(asked, "experiment")
    if main is None:
        text = f"{experiments}, and none can be judged." if asked > 1 else "The one experiment cannot be judged."
        return Finding("verdict", "warning", text, str(known.register["sentence"].iloc[0]))
    if asked == 1:
        return Finding("verdict", _level(main), f"One experiment so far. {_only(known, main)}",
                       "One alone does not tell how much of it is luck.")  # fmt: skip
    rest = main.won.base - main.won.count - main.lost
    others = "" if asked == main.won.base else f" by {measure(main.measure)}"
    text = (
        f"Of {numbers.plural(main.won.base, 'experiment')}{others}, {numbers.count(main.won.count)} found something "
        f"better, {main.lost} something worse; {rest} could not tell."
    )
    return Finding("verdict", _level(main), text, _sum(main))


def _only(known, main):
    row = main.entries.iloc[0]
    better = row["word"] if row["word"] in ("higher", "lower") else "not told apart"
    arms = f"{short_name(row['arm'])} against {short_name(row['versus'])}"
    return f"{arms}, by {measure(main.measure)}: {better}, {lift(expm1(row['ratio']))} as it came out."


def _level(main):
    return "good" if main.won.count else "note"


def _sum(main):
    if main.raw_sum is None:
        return "Nothing has won yet, so there is nothing to add up."
    if main.drawn_sum is None:
        return "One by this measure: how much of it is luck cannot be told."
    middle = main.drawn_sum[0]
    return (
        f"What won is worth about {lift(middle)} {measure(main.measure)} once luck is allowed for; it came out as "
        f"{lift(main.raw_sum)}."
    )


def _cards(known):
    main, told = main_measure(known), known.told
    judged = int(known.register.loc[known.register["counts"], "experiment_id"].nunique())
    cards = [Card("Experiments", numbers.count(known.experiments), f"{numbers.count(judged)} can be judged")]
    if main is not None:
        won = main.won
        of = f"{numbers.percent(won.estimate)} of {won.base}"
        within = f"95 % interval {numbers.interval(won.low, won.high)} %"
        cards.append(Card("Found better", numbers.count(won.count), of, within))
        if main.drawn_sum is not None:
            middle, low, high = main.drawn_sum
            cards.append(
                Card("What won comes to", lift(middle), lifts(low, high), f"{lift(main.raw_sum)} as it came out")
            )
        if main.next_per_arm is not None:
            size = f"to find {lift(main.typical)}, the usual effect, four times in five"
            cards.append(Card("The next one’s size", numbers.count(main.next_per_arm), "people in each arm", size))
    if len(cards) < 4:
        campaigns, found = int(told["campaign_id"].nunique()), known.associations
        go_with = f"{int((found['word'] != UNTOLD).sum())} of {numbers.plural(len(found), 'fact')} told apart"
        cards.append(Card("Campaigns", numbers.count(campaigns), "whose clicks are known", go_with))
    return cards


def _to_do(known):
    found = [
        Action(
            f"Test {short_name(fact(row.fact, row.value))}",
            f"{numbers.plural(row.campaigns, 'campaign')} with it had {lift(row.lift)} clicks: that is no cause yet.",
            f"{numbers.count(row.per_arm)} people in each arm, "
            f"{numbers.plural(max(1, round(row.sends)), 'usual campaign')}",
        )
        for row in known.worth_testing.itertuples()
        if row.sends <= MOST_SENDS
    ]
    if found:
        return found
    why = "Nothing in past campaigns goes with so many clicks that it would be first."
    gain = ""
    main = main_measure(known)
    if main is not None and main.next_per_arm is not None:
        gain = f"{numbers.count(main.next_per_arm)} people in each arm"
    return [Action("Test one thing in the next campaign, whichever matters most", why, gain)]
