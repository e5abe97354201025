"""What an edition asks of a report in a week: once for each campaign, experiment or account, or once for all."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from reportlib.metrics.weekly.final_verdicts import final_week
from reportlib.metrics.weekly.iso_week import Week
from reportlib.reports.declaration import Declaration
from reportlib.reports.parameters import plain_id
from reportlib.reports.record import read_if_whole

_SEVERAL = ("compared", "campaigns")
_TAKES = {"campaign": ("campaign",), "experiment": _SEVERAL, "account": ("account", *_SEVERAL), "once": ()}
_NAMED = {"campaign": "Campaign", "experiment": "ComparedCampaigns", "account": "Account or Campaigns"}


def fits(declaration: Declaration, for_each: str) -> str:
    """Why a report cannot be made for each of these; "" where it can."""
    if not _TAKES[for_each] or declaration.named(*_TAKES[for_each]):
        return ""
    return (
        f"{declaration.name} cannot be made for each {for_each}: it has no parameter of the kind {_NAMED[for_each]}; "
        f"for_each: {declaration.for_each} is what it can"
    )


def asked_for_each(one, account, finished, week: Week, earlier: dict) -> Iterator[tuple]:
    """What to ask of a `Repeated` for an account in a week: (parameters, campaigns read or None for all of the
    account's, the ids by which its files are called or None for what its parameters say).

    `account` has account_id and timezone, `finished` its finished campaigns, as `finished_campaigns_of` has them;
    `earlier` is what `earlier_records` found.
    """
    declaration = one.declaration
    weeks = {str(week.previous(ago)) for ago in range(one.every)}
    for values, ids, subject in _CHOSEN[one.for_each](one, account, finished, weeks, str(week)):
        asked = asked_once(one, week)
        if name := declaration.named("account"):
            asked[name] = plain_id(account.account_id)
        if name := declaration.named("earlier"):
            asked[name] = earlier.get((declaration.name, str(account.account_id)))
        yield {**asked, **values}, ids, subject


def asked_once(one, week: Week) -> dict:
    """What every report of an edition is asked: its week, where it has one."""
    name = one.declaration.named("week")
    return {name: str(week)} if name else {}


def _campaigns(one, account, finished, weeks, last) -> Iterator[tuple]:
    for campaign in finished.loc[finished["week"].isin(weeks), "campaign_id"].tolist():
        yield {one.declaration.named("campaign"): plain_id(campaign)}, [campaign], None


def _experiments(one, account, finished, weeks, last) -> Iterator[tuple]:
    """When its last campaign finished; and where the report has a final age, once more when it reaches that."""
    declaration, account_id = one.declaration, str(account.account_id)
    age = declaration.named("final age")
    for experiment, arms in finished[finished["experiment_id"].notna()].groupby("experiment_id"):
        moments = {arms["week"].max()}
        if age:
            hours = one.shared.get(age, declaration.parameters[age].default)
            moments.add(final_week(arms, account.timezone, hours))
        over = arms["week"].isna() | (arms["week"] <= last)
        if over.all() and len(arms) > 1 and moments & weeks:
            ids = sorted(arms["campaign_id"].tolist())
            yield {declaration.named(*_SEVERAL): list(map(plain_id, ids))}, ids, (account_id, str(experiment))


def _accounts(one, account, finished, weeks, last) -> Iterator[tuple]:
    """The account, with all its campaigns so far where the report takes campaigns."""
    name = one.declaration.named(*_SEVERAL)
    if name is None:
        yield {}, None, None
        return
    so_far = finished.loc[finished["week"].isna() | (finished["week"] <= last), "campaign_id"].tolist()
    if so_far:
        yield {name: list(map(plain_id, so_far))}, so_far, (str(account.account_id),)


_CHOSEN = {
    "campaign": _campaigns,
    "experiment": _experiments,
    "account": _accounts,
    "once": lambda *_: iter(()),
}


def earlier_records(due: list, accounts: Iterable, week: Week, output: Path) -> dict[tuple[str, str], str]:
    """The record of each account's last report before this week's, where there is one, by the report's name and the
    account's id; of those `Repeated` whose reports take it."""
    folders = sorted((folder for folder in output.glob("????-W??") if folder.name < str(week)), reverse=True)
    found: dict[tuple[str, str], str] = {}
    wanted = set(map(str, accounts))
    for name in [one.declaration.name for one in due if one.declaration.named("earlier")]:
        missing = set(wanted)
        for folder in folders if missing else ():
            in_folder: dict = {}
            for file in sorted(folder.glob(f"{name}-*.json")):
                record = read_if_whole(file)
                if record and record.notebook == name and not record.failure:
                    in_folder.setdefault(str(record.account_id), str(file))
            found |= {(name, account): file for account, file in in_folder.items() if account in missing}
            missing -= in_folder.keys()
            if not missing:
                break
    return found
