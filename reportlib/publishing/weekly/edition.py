"""A weekly edition: what its file declares, and the reports that means in one week."""

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError

from reportlib.errors import InvalidParameters, UnknownTimeZone, nearest
from reportlib.explained import explained, read_model
from reportlib.metrics.people.measured import told_by
from reportlib.metrics.selection.campaigns import campaigns
from reportlib.metrics.weekly.campaigns import finished_campaigns_of
from reportlib.metrics.weekly.iso_week import LAST, Week, parse_week
from reportlib.publishing.chat.settings import FAILURES, NotifySettings
from reportlib.publishing.failure import TIME_LIMIT_S
from reportlib.publishing.mail.settings import ALARMS, MailSettings
from reportlib.publishing.weekly.changes import data_of, made_from
from reportlib.publishing.weekly.repeated import asked_for_each, asked_once, earlier_records, fits
from reportlib.reports.catalogue import declared
from reportlib.reports.declaration import REPEATS, RESERVED, Declaration
from reportlib.reports.naming import APART, file_name
from reportlib.reports.parameters import Report, report_of, validated
from reportlib.suite import PARAMETERS, shipped
from reportlib.warehouse import Warehouse
from reportlib.yaml_files import read_yaml

FILE = "weekly.yaml"
FIRST_WEEK = date(2024, 1, 1)  # its Monday; a report for every so many weeks is due in this one


@lru_cache
def _usual_reports() -> dict[str, dict | None]:
    """The reports of an edition that names none: those of the one that comes with the package, as often as there."""
    reports = read_yaml(shipped(PARAMETERS) / FILE)[0]["reports"]
    return {name: {key: asked[key] for key in RESERVED if key in (asked or {})} for name, asked in reports.items()}


class Repeating(BaseModel):
    """What an edition says of how often a report is made, beside the report's own parameters."""

    for_each: Literal[REPEATS] | None = None  # type: ignore[valid-type]
    every: Annotated[StrictInt, Field(ge=1, le=53)] = 1


class Edition(BaseModel):
    """An edition's file: the reports with the parameters that all of a kind share, and who is mailed and told what."""

    model_config = ConfigDict(extra="forbid")

    reports: dict[StrictStr, dict | None] = Field(default_factory=_usual_reports)
    accounts: Annotated[list[StrictStr | StrictInt], Field(min_length=1)] | None = None
    pdf: StrictBool = False
    png: StrictBool = False
    xlsx: StrictBool = False
    time_limit_s: Annotated[StrictInt, Field(ge=10, le=86_400)] = TIME_LIMIT_S
    mail: MailSettings | None = None
    notify: NotifySettings | None = None

    def mails(self, kind: str) -> bool:
        """Whether some mail has this kind of file of its report with it."""
        return self.mail is not None and any(kind in mailing.attach for mailing in self.mail.mailings)


@dataclass(frozen=True)
class Repeated:
    """A report of an edition: what all of its kind share, what each is for, and every how many weeks."""

    declaration: Declaration
    shared: dict
    for_each: str
    every: int

    def is_due(self, week: Week) -> bool:
        """Whether it is made in this week."""
        return (week.monday - FIRST_WEEK).days // 7 % self.every == 0


def read_edition(file: Path) -> Edition:
    """The edition that a file declares. Raises InvalidParameters with all its problems, a line each."""
    return read_model(file, Edition, lambda one: [*_sent_but_not_made(one), *_repeated(one, file)[1]])


def _sent_but_not_made(edition):
    """Mailings and chats about what is no report of the edition, nor what can be told besides."""
    asked = {
        "mail.mailings": (edition.mail.mailings if edition.mail else [], (ALARMS,)),
        "notify.chats": (edition.notify.chats if edition.notify else [], (ALARMS, FAILURES)),
    }
    for place, (sendings, besides) in asked.items():
        for number, sending in enumerate(sendings, 1):
            if sending.about not in (*edition.reports, *besides):
                near = nearest(sending.about, [*edition.reports, *besides])
                yield f"{place}.{number}.about", f"the edition makes no {sending.about!r}{near}"


def _repeated(edition, file) -> tuple[list[Repeated], list[tuple[str, str]]]:
    """The reports of an edition, and what is wrong with them: (place, what)."""
    found, wrong = [], []
    for name, asked in edition.reports.items():
        asked = asked or {}
        shared = {parameter: value for parameter, value in asked.items() if parameter not in RESERVED}
        try:
            declaration = declared(name, file)
            said = Repeating.model_validate({key: asked[key] for key in RESERVED if key in asked})
        except InvalidParameters as error:
            wrong += [(f"reports.{name}", line) for line in str(error).splitlines()]
            continue
        except ValidationError as error:
            wrong += [(f"reports.{name}.{key}", what) for key, what in explained(Repeating, error.errors())]
            continue
        for_each = said.for_each or declaration.for_each
        if misfit := fits(declaration, for_each):
            wrong.append((f"reports.{name}.for_each", misfit))
        found.append(Repeated(declaration, shared, for_each, said.every))
    return found, wrong


def edition_week(text: str, warehouse: Warehouse, edition: Edition) -> Week:
    """The week that a text names; "last" is the one that is over on every account's clock."""
    now = pd.Timestamp(warehouse.opened_ms, unit="ms", tz="UTC")
    zones = _accounts(warehouse, edition)["timezone"].dropna().unique() if text == LAST else ()
    weeks = []
    for zone in zones:
        try:
            weeks.append(parse_week(text, now, zone))
        except UnknownTimeZone:
            continue  # its own report will say so; the others have their week
    return min(weeks, default=None) or parse_week(text, now, "UTC")


def planned(edition: Edition, file: Path, warehouse: Warehouse, week: Week, output: Path) -> list[Report]:
    """The reports of the edition in this week, account by account, then those made once for all; each with what it will
    be made from.

    Raises InvalidParameters for what the file asks of a report that it does not accept, with all problems, a line each.
    What is wrong with an account or a campaign is told by its own report.
    """
    problems: list[str] = []
    reports = []  # each report with the campaigns it reads
    due = [one for one in _repeated(edition, file)[0] if one.is_due(week)]
    accounts = _accounts(warehouse, edition)
    earlier = earlier_records(due, accounts["account_id"], week, output)
    known = campaigns(warehouse)
    told_by(warehouse, known[known["account_id"].isin(accounts["account_id"])])  # of all at once, who are asked of each
    for account in accounts.itertuples(index=False):
        finished = _finished(warehouse, account.account_id)
        for one in due:
            for asked, ids, subject in asked_for_each(one, account, finished, week, earlier):
                report = _report(one, asked, subject, file, warehouse, problems)
                reports.append((report, ids or account.campaign_ids))
    for one in due:
        if one.for_each == "once":
            ids = [campaign for known in accounts["campaign_ids"] for campaign in known]
            reports.append((_report(one, asked_once(one, week), None, file, warehouse, problems), ids))
    if problems:
        raise InvalidParameters("\n".join(f"{file}: {problem}" for problem in dict.fromkeys(problems)))
    data = data_of(warehouse, {campaign for _, ids in reports for campaign in ids})
    return [replace(report, made_from=made_from(report, data, ids)) for report, ids in reports]


def _report(one, asked, subject, file, warehouse, problems) -> Report:
    found, wrong = validated(one.declaration, {**one.shared, **asked}, warehouse)
    name = one.declaration.name
    problems += [f"reports.{name}.{parameter}: {what}" for parameter, what in wrong if parameter not in asked]
    report = report_of(one.declaration, {**found, **asked}, file)
    if subject:
        return replace(report, subject=subject[-1], called=APART.join(map(file_name, subject)))
    return report


def _accounts(warehouse, edition) -> pd.DataFrame:
    """The accounts that have campaigns, or those of them that the edition names: account_id, timezone, campaign_ids."""
    known = campaigns(warehouse).sort_values("account_id", kind="stable")
    accounts = known.groupby("account_id", as_index=False).agg(
        timezone=("timezone", "first"), campaign_ids=("campaign_id", list)
    )
    if edition.accounts is None:
        return accounts
    by_text = accounts.set_index(accounts["account_id"].astype(str))
    for name in map(str, edition.accounts):
        if name not in by_text.index:
            raise InvalidParameters(f"accounts: no account {name!r} has a campaign{nearest(name, by_text.index)}")
    return by_text.loc[list(map(str, edition.accounts))]


def finished_in(warehouse: Warehouse, edition: Edition, week: Week) -> list:
    """The ids of the campaigns of the edition's accounts that finished in this week."""
    frames = [_finished(warehouse, account) for account in _accounts(warehouse, edition)["account_id"]]
    return [one for frame in frames for one in frame.loc[frame["week"] == str(week), "campaign_id"]]


def _finished(warehouse, account) -> pd.DataFrame:
    try:
        return finished_campaigns_of(warehouse, account)
    except UnknownTimeZone:  # which the account's weekly review will say
        return pd.DataFrame({name: [] for name in ("campaign_id", "experiment_id", "week")}, dtype="str")
