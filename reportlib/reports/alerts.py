"""The alerts that a suite asks for: parameters/alerts.yaml, a line each, like `failed above 5 %, surely`."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, StrictStr, model_validator

from reportlib.definitions import CHANNELS, DEFINITIONS, definition
from reportlib.errors import nearest
from reportlib.explained import read_model
from reportlib.metrics.live.alerts import Alert
from reportlib.suite import PARAMETERS

FILE = "alerts.yaml"
METRICS = tuple(one.name for one in DEFINITIONS)
_FORM = re.compile(
    r"\s*(?P<metric>\w+)\s+(?P<side>above|below)\s+(?P<line>\d+(?:\.\d+)?)\s*%\s*,\s*surely\s*", re.ASCII
)
_LIKE = "write one like `failed above 5 %, surely`"


def _when(text: str) -> str:
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no condition: {_LIKE}; it holds where the rate's interval agrees")
    if found["metric"] not in METRICS:
        near = nearest(found["metric"], METRICS)
        raise ValueError(f"there is no metric {found['metric']!r}{near}; known: {', '.join(METRICS)}")
    if not 0 < float(found["line"]) < 100:
        raise ValueError(f"{found['line']} % is no line: it should lie between 0 and 100")
    return text


def _channel(text: str) -> str:
    if text not in CHANNELS:
        raise ValueError(f"there is no channel {text!r}{nearest(text, CHANNELS)}; known: {', '.join(CHANNELS)}")
    return text


class Asked(BaseModel):
    """An alert as the file has it."""

    model_config = ConfigDict(extra="forbid")

    when: Annotated[StrictStr, AfterValidator(_when)]
    name: StrictStr | None = None
    account: StrictStr | StrictInt | None = None
    channel: Annotated[StrictStr, AfterValidator(_channel)] | None = None
    campaign: StrictStr | StrictInt | None = None
    advice: StrictStr = ""

    @model_validator(mode="after")
    def _is_measured(self):
        metric = definition(_parts(self.when)["metric"])
        if self.channel and self.channel not in metric.channels:
            raise ValueError(f"{metric.name} is not measured on {self.channel}: {', '.join(metric.channels)}")
        if not self.channel and not metric.pooled:
            raise ValueError(f"{metric.name} is no one rate over channels: name a channel")
        return self

    def alert(self) -> Alert:
        """The alert that it asks for."""
        parts = _parts(self.when)
        scope = {name: None if value is None else str(value) for name, value in (
            ("account", self.account), ("channel", self.channel), ("campaign", self.campaign))}  # fmt: skip
        name = self.name or " ".join([self.when.partition(",")[0].strip(), *filter(None, scope.values())])
        line = float(parts["line"]) / 100
        return Alert(name, parts["metric"], parts["side"] == "above", line, **scope, advice=self.advice)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    alerts: list[Asked] = Field(default_factory=list)


def read_alerts(suite: Path) -> list[Alert]:
    """The alerts of a suite; none where it has no file of them. Raises InvalidParameters with all that is wrong."""
    file = suite / PARAMETERS / FILE
    if not file.exists():
        return []
    return [one.alert() for one in read_model(file, _File, _named_alike).alerts]


def _named_alike(told: _File):
    names = [one.alert().name for one in told.alerts]
    twice = next((name for name in names if names.count(name) > 1), None)
    return [("alerts", f"two are called {twice!r}: give each a name")] if twice else []


def _parts(when) -> dict[str, str]:
    found = _FORM.fullmatch(when)
    return found.groupdict() if found else {}
