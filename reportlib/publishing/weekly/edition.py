"""A weekly edition: what its file declares, and the reports that means in one week."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError

from reportlib.errors import InvalidParameters, UnknownTimeZone, nearest
from reportlib.metrics.campaigns import campaigns
from reportlib.metrics.comparison.equal_age import LONGEST_HOURS
from reportlib.metrics.weekly.campaigns import finished_campaigns_of
from reportlib.metrics.weekly.final_verdicts import final_week
from reportlib.metrics.weekly.iso_week import LAST, Week, parse_week
from reportlib.publishing.failure import TIME_LIMIT_S
from reportlib.publishing.mail.settings import MailSettings
from reportlib.publishing.weekly.changes import made_from
from reportlib.reports.models import MODELS
from reportlib.reports.naming import APART, file_name
from reportlib.reports.parameters import NOTEBOOKS, Report, explained, plain_id, validated
from reportlib.reports.record import read_if_whole
from reportlib.reports.yaml_files import read_yaml
from reportlib.warehouse import Warehouse

NOTEBOOKS_OF_AN_EDITION = ("weekly_review", "post_campaign_review", "campaign_comparison", "send_time_heatmap")


class Edition(BaseModel):
    """An edition's file: the notebooks with the parameters that all their reports share, and who is mailed what."""

    model_config = ConfigDict(extra="forbid")

    reports: dict[Literal[NOTEBOOKS_OF_AN_EDITION], dict] = {name: {} for name in NOTEBOOKS_OF_AN_EDITION}
    accounts: Annotated[list[StrictStr | StrictInt], Field(min_length=1)] | None = None
    pdf: StrictBool = False
    time_limit_s: Annotated[StrictInt, Field(ge=10, le=86_400)] = TIME_LIMIT_S
    mail: MailSettings | None = None

    @property
    def mails_pdf(self) -> bool:
        """Whether some mail has the PDF of its report with it."""
        return self.mail is not None and any("pdf" in mailing.attach for mailing in self.mail.mailings)


def read_edition(file: Path) -> Edition:
    """The edition that a file declares. Raises InvalidParameters with all its problems, a line each."""
    try:
        asked, wrong = read_yaml(file)
    except InvalidParameters as error:
        raise InvalidParameters(f"{file}: {error}") from None
    try:
        edition = Edition.model_validate(asked)
    except ValidationError as error:
        wrong += explained(Edition, error.errors())
    else:
        wrong += _mailed_but_not_made(edition)
    if wrong:
        raise InvalidParameters("\n".join(f"{file}: {name}: {what}" for name, what in wrong))
    return edition


def _mailed_but_not_made(edition):
    for number, mailing in enumerate(edition.mail.mailings if edition.mail else [], 1):
        if mailing.about not in edition.reports:
            near = nearest(mailing.about, edition.reports)
            yield f"mail.mailings.{number}.about", f"the edition makes no {mailing.about!r}{near}"


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
    """The reports of the edition in this week, account by account, each with what it will be made from.

    Raises InvalidParameters for what the file asks of a notebook that it does not accept, with all problems, a line
    each. What is wrong with an account or a campaign is told by its own report.
    """
    reports, problems = [], []
    for account in _accounts(warehouse, edition).itertuples(index=False):
        final_age_hours = edition.reports.get("campaign_comparison", {}).get("final_age_hours", LONGEST_HOURS)
        finished = _with_final_weeks(_finished(warehouse, account.account_id), account.timezone, final_age_hours)
        for name, shared in edition.reports.items():
            for asked, campaign_ids, subject in _ASKED[name](account.account_id, finished, week, output):
                found, wrong = validated(MODELS[name], {**shared, **asked}, warehouse)
                problems += [
                    f"reports.{name}.{parameter}: {what}" for parameter, what in wrong if parameter not in asked
                ]
                parameters = {**found, **asked}
                about = subject[-1] if subject else MODELS[name].subject(parameters)
                called = APART.join(map(file_name, subject)) if subject else MODELS[name].called(parameters)
                report = Report(NOTEBOOKS / f"{name}.ipynb", parameters, file, about, called=called)
                ids = campaign_ids or account.campaign_ids
                reports.append(replace(report, made_from=made_from(report, warehouse, ids)))
    if problems:
        raise InvalidParameters("\n".join(f"{file}: {problem}" for problem in dict.fromkeys(problems)))
    return reports


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


def _finished(warehouse, account) -> pd.DataFrame:
    try:
        return finished_campaigns_of(warehouse, account)
    except UnknownTimeZone:  # which the account's weekly review will say
        return pd.DataFrame({name: [] for name in ("campaign_id", "experiment_id", "week")}, dtype="str")


def _with_final_weeks(finished, zone, final_age_hours):
    """With the column final_week, in which the campaign's experiment reaches its final age; missing without one."""
    weeks = {
        experiment: final_week(arms, zone, final_age_hours)
        for experiment, arms in finished[finished["experiment_id"].notna()].groupby("experiment_id")
    }
    return finished.assign(final_week=finished["experiment_id"].map(weeks))


# For each notebook: what to ask of it in a week, as (parameters, campaigns read or None for all of the account's, what
# the report is about, the ids by which its files are called, or None for what its parameters say).


def _weekly_reviews(account, finished, week, output) -> Iterator[tuple]:
    yield {"account": plain_id(account), "week": str(week), "earlier": _earlier(output, account, week)}, None, None


def _reviews(account, finished, week, output) -> Iterator[tuple]:
    for campaign in _of_week(finished, week)["campaign_id"].tolist():
        yield {"campaign": plain_id(campaign)}, [campaign], None


def _comparisons(account, finished, week, output) -> Iterator[tuple]:
    """In the week in which its last campaign finished, and once more in that in which it reaches its final age."""
    for experiment, arms in finished[finished["experiment_id"].notna()].groupby("experiment_id"):
        over = arms["week"].isna() | (arms["week"] <= str(week))
        if over.all() and len(arms) > 1 and str(week) in (arms["week"].max(), arms["final_week"].iloc[0]):
            ids = sorted(arms["campaign_id"].tolist())
            yield {"campaigns": list(map(plain_id, ids))}, ids, (str(account), str(experiment))


def _send_times(account, finished, week, output) -> Iterator[tuple]:
    so_far = finished.loc[finished["week"].isna() | (finished["week"] <= str(week)), "campaign_id"].tolist()
    if so_far:
        yield {"campaigns": list(map(plain_id, so_far))}, so_far, (str(account),)


_ASKED = {
    "weekly_review": _weekly_reviews,
    "post_campaign_review": _reviews,
    "campaign_comparison": _comparisons,
    "send_time_heatmap": _send_times,
}


def _of_week(finished, week):
    return finished[finished["week"] == str(week)]


def _earlier(output, account, week) -> str | None:
    """The figures of the account's last weekly review before this week's, where there is one."""
    folders = [folder for folder in output.glob("????-W??") if folder.name < str(week)]
    for folder in sorted(folders, reverse=True):
        for file in sorted(folder.glob("weekly_review-*.json")):
            record = read_if_whole(file)
            if record and not record.failure and record.account_id == str(account):
                return str(file)
    return None
