"""What may be asked of each notebook, checked before a kernel starts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr, ValidationError

from reportlib.errors import InvalidParameters, ReportError, nearest
from reportlib.metrics import select_campaigns, started_within
from reportlib.metrics.campaign_verdicts import COMPARED
from reportlib.metrics.clocks import RECIPIENT
from reportlib.metrics.equal_age import splittable
from reportlib.metrics.failure_catalogue import read_catalogue
from reportlib.metrics.grouping import grouping
from reportlib.metrics.local_time import check_zone
from reportlib.metrics.responses import RESPONSES, measured_channels
from reportlib.publishing.yaml_files import read_yaml
from reportlib.warehouse import Warehouse
from reportlib.warehouse.connection import ADDRESS_VARIABLE, PROJECT
from reportlib.warehouse.contract import CHANNELS

NOTEBOOKS = PROJECT / "notebooks"
LONGEST_SHOWN = 60  # characters of a wrong value that are shown
_SECRET = re.compile(r"://[^/\s:@]*:[^/\s]+@|[?&]\w*password=", re.IGNORECASE)  # an address with a password in it
_WANTED = {"string_type": "text", "int_type": "a whole number", "list_type": "a list, like [country, channel]"}


def _each_once(names: list[str]) -> list[str]:
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"a list in which each stands once; twice: {', '.join(sorted(twice))}")
    return names


class PostCampaignReview(BaseModel):
    """The parameters of notebooks/post_campaign_review.ipynb, with its defaults."""

    model_config = ConfigDict(extra="forbid")

    campaign: StrictStr | StrictInt = "spring-sale"
    timezone: StrictStr | None = None
    breakdowns: Annotated[list[StrictStr], AfterValidator(_each_once)] = [
        "country",
        "carrier",
        "email_domain",
        "segment",
        "attribute:plan",
    ]
    top_groups: Annotated[StrictInt, Field(ge=1, le=50)] = 8
    failure_codes: StrictStr | None = None

    def checks(self, warehouse: Warehouse) -> Iterator[tuple]:
        """What only the warehouse and the catalogues can judge: (parameter, a function that raises ReportError)."""
        yield "campaign", lambda: select_campaigns(warehouse, self.campaign)
        if self.timezone is not None:
            yield "timezone", lambda: check_zone(self.timezone)
        for name in self.breakdowns:
            yield "breakdowns", lambda name=name: grouping(name)
        if self.failure_codes is not None:
            yield "failure_codes", lambda: read_catalogue(self.failure_codes)

    @staticmethod
    def about(campaigns: list) -> list[dict]:
        """The parameters of the reports on these campaigns: one report for each."""
        return [{"campaign": campaign} for campaign in campaigns]

    @staticmethod
    def subject(parameters: dict) -> str:
        """The campaign it is about."""
        return str(parameters["campaign"])


class CampaignComparison(BaseModel):
    """The parameters of notebooks/campaign_comparison.ipynb, with its defaults."""

    model_config = ConfigDict(extra="forbid")

    campaigns: list[StrictStr | StrictInt] = ["coupon-a", "coupon-b"]
    metric: Literal[COMPARED] = "clicked"
    baseline: StrictStr | StrictInt | None = None
    age_hours: Annotated[StrictInt, Field(ge=1, le=168)] | None = None
    margin: Annotated[StrictFloat, Field(gt=0, lt=1)] | None = None
    split: list[Annotated[float, Field(gt=0)]] | None = None
    breakdowns: Annotated[list[StrictStr], AfterValidator(_each_once)] = ["channel", "country", "attribute:plan"]

    def checks(self, warehouse: Warehouse) -> Iterator[tuple]:
        """What only the warehouse can judge: (parameter, a function that raises ReportError)."""
        yield "campaigns", lambda: select_campaigns(warehouse, self.campaigns)
        yield "campaigns", self._several
        yield "baseline", self._known_baseline
        yield "split", self._fitting_split
        for name in self.breakdowns:
            yield "breakdowns", lambda name=name: splittable(name)

    @staticmethod
    def about(campaigns: list) -> list[dict]:
        """The parameters of the reports on these campaigns: one report on all."""
        return [{"campaigns": campaigns}]

    @staticmethod
    def subject(parameters: dict) -> str:
        """The campaigns it compares: "coupon-a-vs-coupon-b"."""
        return "-vs-".join(map(str, parameters["campaigns"]))

    def _several(self):
        if len(set(map(str, self.campaigns))) < max(2, len(self.campaigns)):
            listed = ", ".join(map(str, self.campaigns)) or "none"
            raise InvalidParameters(f"a comparison needs two or more different campaigns, not {listed}")

    def _known_baseline(self):
        known = list(map(str, self.campaigns))
        if self.baseline is not None and str(self.baseline) not in known:
            raise InvalidParameters(f"{self.baseline!r} is not one of the campaigns{nearest(self.baseline, known)}")

    def _fitting_split(self):
        if self.split is not None and len(self.split) != len(self.campaigns):
            raise InvalidParameters(f"has {len(self.split)} shares for {len(self.campaigns)} campaigns: give one each")


class SendTimeHeatmap(BaseModel):
    """The parameters of notebooks/send_time_heatmap.ipynb, with its defaults."""

    model_config = ConfigDict(extra="forbid")

    campaigns: list[StrictStr | StrictInt] | None = None
    weeks: Annotated[StrictInt, Field(ge=1)] | None = None
    metric: Literal[RESPONSES] = "clicked"
    channel: Literal[CHANNELS] | None = None
    window_hours: Annotated[StrictInt, Field(ge=1, le=168)] = 48
    timezone: StrictStr | None = None

    def checks(self, warehouse: Warehouse) -> Iterator[tuple]:
        """What only the warehouse can judge: (parameter, a function that raises ReportError)."""
        yield "campaigns", lambda: started_within(warehouse, self.campaigns)
        yield "channel" if self.channel else "metric", lambda: self._measured(warehouse)
        if self.timezone not in (None, RECIPIENT):
            yield "timezone", lambda: check_zone(self.timezone)

    @staticmethod
    def about(campaigns: list) -> list[dict]:
        """The parameters of the reports on these campaigns: one report on all."""
        return [{"campaigns": campaigns}]

    @staticmethod
    def subject(parameters: dict) -> str:
        """The campaigns it is about: "coupon-a-and-coupon-b", "all-campaigns"."""
        return "-and-".join(map(str, parameters["campaigns"] or ["all-campaigns"]))

    def _measured(self, warehouse):
        try:
            chosen = select_campaigns(warehouse, started_within(warehouse, self.campaigns, self.weeks))
        except ReportError:
            return  # said of the campaigns
        measured_channels(warehouse, chosen, self.metric, self.channel)


MODELS = {
    "post_campaign_review": PostCampaignReview,
    "campaign_comparison": CampaignComparison,
    "send_time_heatmap": SendTimeHeatmap,
}


@dataclass(frozen=True)
class Report:
    """One report to be made: a notebook, the parameters it is to have, the file that asks for it, and what it is about,
    short (the campaigns' ids)."""

    notebook: Path
    parameters: dict
    source: Path
    subject: str


def read_reports(
    files: list[Path], warehouse: Warehouse, notebook: str | None = None, campaigns: list | None = None
) -> list[Report]:
    """The reports that parameter files ask for; with `campaigns`, on these instead of those a file names.

    A file belongs to the notebook its folder is named for, or to `notebook`. The same report asked for twice is made
    once. Raises InvalidParameters with all problems of all files, a line each.
    """
    reports, problems = [], []
    for file in files:
        try:
            name = _notebook_of(file, notebook)
            asked, wrong = read_yaml(file)
        except InvalidParameters as error:
            problems.append(f"{file}: {error}")
            continue
        overriding = [{}] if campaigns is None else MODELS[name].about(list(map(_plain_id, campaigns)))
        for instead in overriding:
            found, also_wrong = _validated(MODELS[name], {**asked, **instead}, warehouse)
            problems += [f"{file}: {parameter}: {what}" for parameter, what in wrong if parameter not in instead]
            for parameter, what in also_wrong:
                place = f"--{parameter}" if parameter in instead else f"{file}: {parameter}"
                problems.append(f"{place}: {what}")
            if not also_wrong:
                report = Report(NOTEBOOKS / f"{name}.ipynb", found, file, MODELS[name].subject(found))
                reports += [report] if report not in reports else []
    if problems:
        raise InvalidParameters("\n".join(dict.fromkeys(problems)))
    return reports


def _notebook_of(file, notebook):
    name = notebook or file.resolve().parent.name
    if name not in MODELS:
        raise InvalidParameters(
            f"which notebook is it for? {name!r} is none{nearest(name, MODELS)}; put the file into a folder named for "
            f"one of {', '.join(MODELS)}, or say --notebook"
        )
    return name


def _plain_id(campaign):
    """An id as a notebook can be given it: numbers stay numbers; others (a UUID, say) are text."""
    return campaign if isinstance(campaign, int) else str(campaign)


def _validated(model, asked, warehouse):
    """The parameters as the model has them, and what is wrong with them: (parameter, what)."""
    if secret := [name for name, value in asked.items() if _SECRET.search(f"{name} {value}")]:
        what = f"holds a password; the database's address belongs in the environment variable {ADDRESS_VARIABLE}"
        return {}, [(_SECRET.sub("…", str(name)), what) for name in secret]
    wrong, judged = [], set(model.model_fields)
    try:
        found = model.model_validate(asked)
    except ValidationError as error:
        wrong = _explained(model, error.errors())
        judged = set(asked) - {name for name, _ in wrong}  # the others are not what will be asked in the end
        found = model.model_validate({name: asked[name] for name in judged})
    for parameter, check in found.checks(warehouse):
        try:
            if parameter in judged:
                check()
        except ReportError as error:
            wrong.append((parameter, str(error)))
    return found.model_dump(), wrong


def _explained(model, errors) -> list[tuple[str, str]]:
    """pydantic's errors in plain words; where several kinds of value would do, in one."""
    wanted, explained = {}, []
    for error in errors:
        name = str(error["loc"][0])
        if error["type"] in ("extra_forbidden", "invalid_key"):
            explained.append((name, f"there is no such parameter{nearest(name, model.model_fields)}"))
        else:
            words = _WANTED.get(error["type"], error["msg"].removeprefix("Input should be "))
            wanted.setdefault((name, _shown(error["input"])), []).append(words)
    for (name, given), words in wanted.items():
        quotes = "; put text in quotes" if "text" in words else ""
        explained.append((name, f"should be {' or '.join(words)}, not {given}{quotes}"))
    return explained


def _shown(value):
    text = "empty" if value is None else repr(value)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
