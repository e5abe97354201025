"""The kinds of a notebook's parameters, as its cell of them names them: `campaign: Campaign = "spring-sale"`.

A kind is a type with what is known beside it: how a value is held against the warehouse and the other parameters, what
can be chosen, what an edition can repeat a report over. `all_kinds` has those that a notebook can name.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Optional, get_args, get_origin

from pydantic import AfterValidator, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from reportlib import extensions
from reportlib.definitions import CHANNELS, COMPARED, RESPONSES
from reportlib.metrics.comparison.age.equal_age import LONGEST_HOURS
from reportlib.reports import choices, rules
from reportlib.warehouse import Warehouse

Others = dict[str, Any]  # the values of the other parameters by the names of their kinds, without those that are wrong


@dataclass(frozen=True)
class Kind:
    """What is known of a kind beside its type.

    Attributes
    ----------
    name : what parameters of this kind are to the rules between them
    says : what a value is, in a few words
    check : given a value, the warehouse and the others, raises ReportError where they do not bear the value out
    needs : the kinds of other parameters that `check` looks at; while one of them is wrong itself, it is not asked
    offers : given the warehouse and the others, what can be chosen: (label, value); None: whatever is typed
    one_of : the kind of the parameter whose values are all that it can be
    at_least : of a list, how many have to be chosen before anything runs
    is_file : whether it is the path of a file, which goes along to where the report is made
    """

    name: str
    says: str
    check: Callable[[Any, Warehouse, Others], Any] | None = None
    needs: tuple[str, ...] = ()
    offers: Callable[[Warehouse, Others], Iterable[tuple[str, Any]]] | None = None
    one_of: str = ""
    at_least: int = 0
    is_file: bool = False


def _each_once(names: list[str]) -> list[str]:
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"should be a list in which each stands once; twice: {', '.join(sorted(twice))}")
    return names


def _one_of(name, says, values, check=None, needs=()) -> Any:
    offers = [(str(value), value) for value in values]
    return Annotated[Literal[tuple(values)], Kind(name, says, check, needs, lambda warehouse, others: offers)]


_Id = StrictStr | StrictInt
_Names = Annotated[list[StrictStr], AfterValidator(_each_once)]
_Share = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_SENT = ("campaigns", "campaign", "last weeks")  # which messages a response is asked of

Campaign = Annotated[_Id, Kind("campaign", "a campaign's id", rules.campaign)]
Campaigns = Annotated[list[_Id], Kind("campaigns", "a list of campaigns' ids", rules.campaigns)]
ComparedCampaigns = Annotated[
    list[_Id], Kind("compared", "the ids of two or more campaigns to be compared", rules.compared, at_least=2)
]
Baseline = Annotated[
    _Id,
    Kind(
        "baseline",
        "the id of one of the compared campaigns",
        rules.baseline,
        ("compared",),
        choices.compared,
        one_of="compared",
    ),
]
Experiment = Annotated[_Id, Kind("experiment", "an experiment's id", rules.experiment, offers=choices.experiments)]
Shares = Annotated[
    list[_Share], Kind("shares", "a share of the people for each compared campaign", rules.shares, ("compared",))
]
Account = Annotated[_Id, Kind("account", "an account's id", rules.account, offers=choices.accounts)]
Week = Annotated[
    StrictStr,
    Kind("week", "an ISO week like 2026-W46, or last: the last one that is over", rules.week, (), choices.weeks),
]
EarlierRecord = Annotated[
    StrictStr,
    Kind("earlier", "the record of an earlier weekly review", rules.earlier, ("account", "week"), is_file=True),
]
TimeZone = Annotated[StrictStr, Kind("time zone", "an IANA time zone", rules.zone, offers=choices.zones)]
TimeZoneOrRecipient = Annotated[
    StrictStr,
    Kind("time zone", "an IANA time zone, or recipient: each one's own", rules.zone_or_recipient, (), choices.any_zone),
]
Grouping = Annotated[
    StrictStr, Kind("grouping", "what people are grouped by", rules.grouping_of_one, offers=choices.groupings)
]
Groupings = Annotated[_Names, Kind("groupings", "a list of what people are grouped by", rules.groupings)]
GapGroupings = Annotated[_Names, Kind("groupings", "a list of what a gap can be split by", rules.gap_groupings)]
Metric = _one_of("metric", "a metric that campaigns are compared by", COMPARED)
Response = _one_of("response", "a response of people to messages", RESPONSES, rules.response, (*_SENT, "channel"))
Channel = _one_of("channel", "one channel", CHANNELS, rules.channel, (*_SENT, "response"))
LastWeeks = Annotated[StrictInt, Field(ge=1), Kind("last weeks", "campaigns of the last so many weeks")]
File = Annotated[StrictStr, Kind("file", "the path of a file", rules.file, is_file=True)]
FailureCodes = Annotated[
    StrictStr, Kind("failure codes", "the path of a CSV of failure codes", rules.failure_codes, is_file=True)
]
FinalAge = Annotated[
    StrictInt,
    Field(ge=1, le=LONGEST_HOURS),
    Kind("final age", "the hours, 1 to 168, after which a comparison is final"),
]
Fraction = Annotated[StrictFloat, Field(gt=0, lt=1), Kind("fraction", "a fraction, above 0 and below 1")]
Seconds = Annotated[float, Field(ge=0.1, le=3600, allow_inf_nan=False), Kind("seconds", "seconds, 0.1 to 3600")]


class Between:
    """`Between[1, 50]`: a number from the first to the second, whole where both are."""

    def __class_getitem__(cls, limits):
        low, high = limits
        number = StrictInt if isinstance(low, int) and isinstance(high, int) else StrictFloat | StrictInt
        return Annotated[number, Field(ge=low, le=high), Kind("range", f"a number from {low} to {high}")]


class AtLeast:
    """`AtLeast[1]`: a number from this on, whole where this is."""

    def __class_getitem__(cls, low):
        number = StrictInt if isinstance(low, int) else StrictFloat | StrictInt
        return Annotated[number, Field(ge=low), Kind("range", f"a number, {low} or more")]


class Choice:
    """`Choice[24, 48, 72]`: one of these. Texts are chosen from by a name given in an earlier cell, since papermill's
    help knows no quotes in an annotation: `Size = Choice["small", "large"]`, then `size: Size = "small"`."""

    def __class_getitem__(cls, values):
        values = values if isinstance(values, tuple) else (values,)
        return _one_of("choice", f"one of {', '.join(map(str, values))}", values)


PLAIN = {
    "str": StrictStr,
    "int": StrictInt,
    "float": StrictFloat | StrictInt,
    "bool": StrictBool,
    "list": list,
    "dict": dict[StrictStr, Any],
}


def kind_of(annotation) -> Kind | None:
    """What is known of an annotation's kind, within `Optional[…]` too; None of a plain type."""
    if get_origin(annotation) is Annotated:
        return next((one for one in annotation.__metadata__ if isinstance(one, Kind)), None)
    return next((kind for one in get_args(annotation) if (kind := kind_of(one))), None)


def takes_none(annotation) -> bool:
    """Whether None is a value too."""
    return get_origin(annotation) is not Annotated and type(None) in get_args(annotation)


KINDS = {
    **{name: one for name, one in list(globals().items()) if name[0] != "_" and kind_of(one)},
    "Optional": Optional,
    "Between": Between,
    "AtLeast": AtLeast,
    "Choice": Choice,
}
__all__ = list(KINDS)


@cache
def all_kinds() -> dict[str, Any]:
    """KINDS, and what installed packages add."""
    return KINDS | extensions.added(extensions.KINDS, KINDS, lambda one: None if kind_of(one) else "it has no Kind")
