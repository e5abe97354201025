"""Which clicks are counted: what was left out, by which rule, behind which domains, and how far it is in doubt."""

from html import escape

import pandas as pd

from reportlib.definitions import CHANNEL_NAMES as WITHIN_A_SENTENCE
from reportlib.metrics import Rate, base_words
from reportlib.metrics.people.machines.rules import MACHINE, RULES, UNSURE
from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.folds import the_numbers

COUNTED_AS = {MACHINE: "a machine's, left out", UNSURE: "unsure, left out", "aside": "no content, left out"}
ASIDE = "links to unsubscribe, of preferences, or to see the e-mail as a page"
MATTERS = 0.05  # of the rate: an unsure part that is smaller is not told in a range
MOST_DOMAINS = 5


def machine_clicks(found: pd.DataFrame, by_channel: pd.DataFrame) -> Display:
    """What `metrics.machine_clicks` left out, a row per channel and rule, with what that makes of the rate.

    Example
    -------
    >>> by_channel = metrics.breakdown(warehouse, "spring-sale", by="channel")
    >>> print(tables.machine_clicks(metrics.machine_clicks(warehouse, "spring-sale"), by_channel).text)
    199 clicks by e-mail, a machine's, left out: flagged by the provider.
    Of 5,105 by e-mail, 3.7 % clicked; 7.5 % if machines were not told apart.
    """
    if found.empty:
        text = "Every click is counted as a person's: the provider flags none, and no rule tells one."
        return Display(f'<p class="empty">{escape(text)}</p>', text)
    lines, rows = [], []
    for (channel, verdict, rule), part in found.groupby(["channel", "verdict", "rule"], sort=False):
        why, named = RULES[rule].label if rule else ASIDE, _domains(part)
        clicks, people = (numbers.count(part[name].sum()) for name in ("clicks", "people"))
        lines.append(
            f"{numbers.plural(int(part['clicks'].sum()), 'click')} by {WITHIN_A_SENTENCE[channel]}, "
            f"{COUNTED_AS[verdict]}: {why}{f', at {named}' if named else ''}."
        )
        rows.append([CHANNEL_NAMES[channel], COUNTED_AS[verdict], why, clicks, people])
    lines += filter(None, map(_with_and_without, by_channel.to_dict("records")))
    counted = the_numbers("clicks that are not people's", ["Channel", "Counted as", "Why", "Clicks", "People"], rows)
    listed = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return Display(f'<ul class="limits">{listed}</ul>{counted}', "\n".join(lines))


def click_range(by_channel: pd.DataFrame) -> tuple[Rate, Rate] | None:
    """The click rate of all channels by people, and were what is unsure people's too; None where that is the same."""
    if "clicked_at_most_in_base" not in by_channel:  # a frame that knows of none
        return None
    used = by_channel[by_channel["engagement_base"] > 0]
    counts = [used[name] for name in ("clicked_in_base", "clicked_at_most_in_base")]
    if used.empty or any(one.isna().any() for one in counts):
        return None
    base, name = int(used["engagement_base"].sum()), base_words(used)
    low, high = (Rate(int(one.sum()), base, name) for one in counts)
    told = numbers.percent(low.estimate) != numbers.percent(high.estimate)
    return (low, high) if told and high.count - low.count > MATTERS * low.count else None


def _domains(part):
    sums = part[part["domain"] != ""].groupby("domain")["clicks"].sum().sort_values(ascending=False, kind="stable")
    named = [f"{domain} ({numbers.count(clicks)})" for domain, clicks in sums.head(MOST_DOMAINS).items()]
    more = len(sums) - len(named)
    return ", ".join([*named, *([f"and {numbers.plural(more, 'more domain')}"] if more > 0 else [])])


def _with_and_without(row):
    base = row["engagement_base"]
    if not base or pd.isna(row["clicked_in_base"]) or row["clicked_by_any_in_base"] == row["clicked_in_base"]:
        return ""
    people, any_one = (numbers.percent(row[name] / base) for name in ("clicked_in_base", "clicked_by_any_in_base"))
    name = WITHIN_A_SENTENCE[row["channel"]]
    return f"Of {numbers.count(base)} by {name}, {people} clicked; {any_one} if machines were not told apart."
