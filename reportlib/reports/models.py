"""What may be asked of each notebook: its parameters, their defaults and their limits."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr

from reportlib.definitions import COMPARED, RESPONSES
from reportlib.errors import InvalidParameters, ReportError, nearest
from reportlib.metrics import parse_week, select_account, select_campaigns, started_within
from reportlib.metrics.clocks import RECIPIENT
from reportlib.metrics.comparison.equal_age import LONGEST_HOURS, require_several, splittable
from reportlib.metrics.failures.catalogue import read_catalogue
from reportlib.metrics.grouping import grouping
from reportlib.metrics.local_time import check_zone
from reportlib.metrics.send_times.responses import measured_channels
from reportlib.metrics.weekly.restatements import require_earlier
from reportlib.reports.earlier import earlier_review
from reportlib.reports.naming import file_name, joined
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import CHANNELS

NAMES_OF_FILES = ("earlier", "failure_codes")  # the parameters, of whichever notebook, that are the path of a file
FEWEST_WEEKS, MOST_WEEKS = 12, 104  # of trends: a quarter at least, two years at most


def _each_once(names: list[str]) -> list[str]:
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"should be a list in which each stands once; twice: {', '.join(sorted(twice))}")
    return names


class _OfOneCampaign(BaseModel):
    """Parameters of which one is the `campaign`."""

    model_config = ConfigDict(extra="forbid")

    @staticmethod
    def about(campaigns: list) -> list[dict]:
        """The parameters of the reports on these campaigns: one report for each."""
        return [{"campaign": campaign} for campaign in campaigns]

    @staticmethod
    def subject(parameters: dict) -> str:
        """The campaign it is about."""
        return str(parameters["campaign"])

    @staticmethod
    def called(parameters: dict) -> str:
        """The same as a file name."""
        return file_name(parameters["campaign"])


class PostCampaignReview(_OfOneCampaign):
    """The parameters of notebooks/post_campaign_review.ipynb, with its defaults."""

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


class CampaignComparison(BaseModel):
    """The parameters of notebooks/campaign_comparison.ipynb, with its defaults."""

    model_config = ConfigDict(extra="forbid")

    campaigns: list[StrictStr | StrictInt] = ["coupon-a", "coupon-b"]
    metric: Literal[COMPARED] = "clicked"
    baseline: StrictStr | StrictInt | None = None
    age_hours: Annotated[StrictInt, Field(ge=1, le=LONGEST_HOURS)] | None = None
    final_age_hours: Annotated[StrictInt, Field(ge=1, le=LONGEST_HOURS)] = LONGEST_HOURS
    margin: Annotated[StrictFloat, Field(gt=0, lt=1)] | None = None
    split: list[Annotated[float, Field(gt=0, allow_inf_nan=False)]] | None = None
    breakdowns: Annotated[list[StrictStr], AfterValidator(_each_once)] = ["channel", "country", "attribute:plan"]

    def checks(self, warehouse: Warehouse) -> Iterator[tuple]:
        """What only the warehouse can judge: (parameter, a function that raises ReportError, what else it looks at)."""
        yield "campaigns", lambda: select_campaigns(warehouse, self.campaigns)
        yield "campaigns", lambda: require_several(self.campaigns)
        yield "baseline", self._known_baseline, "campaigns"
        yield "split", self._fitting_split, "campaigns"
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

    @staticmethod
    def called(parameters: dict) -> str:
        """The same as a file name."""
        return joined(parameters["campaigns"], "-vs-")

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
    window_hours: Annotated[StrictInt, Field(ge=1, le=LONGEST_HOURS)] = 48
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

    @staticmethod
    def called(parameters: dict) -> str:
        """The same as a file name."""
        return joined(parameters["campaigns"] or ["all-campaigns"], "-and-")

    def _measured(self, warehouse):
        try:
            chosen = select_campaigns(warehouse, started_within(warehouse, self.campaigns, self.weeks))
        except ReportError:
            return  # said of the campaigns
        measured_channels(warehouse, chosen, self.metric, self.channel)


class WeeklyReview(BaseModel):
    """The parameters of notebooks/weekly_review.ipynb, with its defaults."""

    model_config = ConfigDict(extra="forbid")

    account: StrictStr | StrictInt | None = "acai"
    week: StrictStr = "2026-W46"
    weeks: Annotated[StrictInt, Field(ge=FEWEST_WEEKS, le=MOST_WEEKS)] = 26
    earlier: StrictStr | None = None

    def checks(self, warehouse: Warehouse) -> Iterator[tuple]:
        """What only the warehouse can judge: (parameter, a function that raises ReportError, what else it looks at)."""
        yield "account", lambda: select_account(warehouse, self.account)
        yield "week", lambda: parse_week(self.week, warehouse.opened_ms, "UTC")
        if self.earlier is not None:
            yield "earlier", lambda: self._readable(warehouse), "account", "week"

    @staticmethod
    def about(campaigns: list) -> list[dict]:
        """Nothing: raises InvalidParameters, since a weekly review is about a week and not about campaigns."""
        raise InvalidParameters(
            "a weekly review is about an account's week, not about campaigns: leave --campaign and --finished out, and "
            "say account and week in the parameter file"
        )

    @staticmethod
    def subject(parameters: dict) -> str:
        """The account and the week: "acai-2026-w46"."""
        account, week = parameters["account"], parameters["week"].lower()
        return week if account is None else f"{account}-{week}"

    @staticmethod
    def called(parameters: dict) -> str:
        """The same as a file name."""
        account, week = parameters["account"], file_name(parameters["week"].lower())
        return week if account is None else f"{file_name(account)}-{week}"

    def _readable(self, warehouse):
        try:
            account = select_account(warehouse, self.account)
            week = parse_week(self.week, warehouse.opened_ms, account["timezone"])
        except ReportError:
            return  # said of the account or the week
        require_earlier(earlier_review(self.earlier), account["account_id"], week)


class LiveMonitor(_OfOneCampaign):
    """The parameters of notebooks/live_monitor.ipynb, with its defaults."""

    campaign: StrictStr | StrictInt = "black-friday-preview"
    interval_s: Annotated[float, Field(ge=0.1, le=3600, allow_inf_nan=False)] = 2.0
    timezone: StrictStr | None = None

    def checks(self, warehouse: Warehouse) -> Iterator[tuple]:
        """What only the warehouse can judge: (parameter, a function that raises ReportError)."""
        yield "campaign", lambda: select_campaigns(warehouse, self.campaign)
        if self.timezone is not None:
            yield "timezone", lambda: check_zone(self.timezone)


class Exploring(_OfOneCampaign):
    """The parameters of notebooks/exploring.ipynb, with its defaults."""

    campaign: StrictStr | StrictInt = "spring-sale"

    def checks(self, warehouse: Warehouse) -> Iterator[tuple]:
        """What only the warehouse can judge: (parameter, a function that raises ReportError)."""
        yield "campaign", lambda: select_campaigns(warehouse, self.campaign)


MODELS = {
    "weekly_review": WeeklyReview,
    "post_campaign_review": PostCampaignReview,
    "campaign_comparison": CampaignComparison,
    "send_time_heatmap": SendTimeHeatmap,
    "live_monitor": LiveMonitor,
    "exploring": Exploring,
}
