"""When a mail is worth sending: "failed_pct_of_audience > 5"."""

import math
import operator
import re
from dataclasses import dataclass

from reportlib.errors import InvalidParameters, nearest
from reportlib.metrics.people.summary import BASE, COUNTS, PEOPLE, RATES, TOTALS

FIGURES = (*COUNTS, *RATES, *PEOPLE, *TOTALS, *BASE)  # the numbers of `metrics.summary`
OPERATORS = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_FORM = re.compile(r"\s*(?P<figure>\w+)\s*(?P<comparison>[<>=!]+)\s*(?P<number>[+-]?\d+(?:\.\d+)?)\s*", re.ASCII)


@dataclass(frozen=True)
class Condition:
    """A figure of the campaign summary, held against a number."""

    figure: str
    comparison: str
    number: float


def parse_condition(text: str) -> Condition:
    """The condition that is written like "failed_pct_of_audience > 5"; percentages are 0 to 100.

    Raises InvalidParameters for another form, a comparison that is not in OPERATORS, a name that is not in FIGURES.
    """
    found = _FORM.fullmatch(text)
    if not found:
        raise InvalidParameters(f"{text!r} is no condition: write one like failed_pct_of_audience > 5")
    if found["comparison"] not in OPERATORS:
        raise InvalidParameters(f"{found['comparison']!r} compares nothing: write one of {' '.join(OPERATORS)}")
    if found["figure"] not in FIGURES:
        near = nearest(found["figure"], FIGURES)
        raise InvalidParameters(f"there is no figure {found['figure']!r}{near}; known: {', '.join(FIGURES)}")
    return Condition(found["figure"], found["comparison"], float(found["number"]))


def holds(condition: Condition, totals: dict) -> bool:
    """Whether the condition is true of a report's totals; what is missing or not measured fulfils none."""
    value = totals.get(condition.figure)
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return False
    return OPERATORS[condition.comparison](value, condition.number)


def condition_holds(only_if: str | None, totals: dict | None) -> bool:
    """Whether a report with these totals is to be sent: the condition, as it is written, holds, or there is none."""
    return only_if is None or holds(parse_condition(only_if), totals or {})
