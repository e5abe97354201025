"""Where messages do not arrive: failures and complaints by mailbox provider and carrier, week by week."""

import pandas as pd
from sqlalchemy import and_, case, func, literal, select, union_all

from reportlib.metrics.audience.account import Audience, audience, is_sent, monday_ms, of_account
from reportlib.metrics.audience.groups import SMALLER, SMALLEST
from reportlib.metrics.failures.catalogue import read_catalogue
from reportlib.metrics.failures.permanent import permanently_failed
from reportlib.metrics.frames import framed
from reportlib.metrics.local_time import WEEK_MS
from reportlib.metrics.memo import remembered
from reportlib.metrics.opt_outs.rates import mailbox_provider
from reportlib.metrics.people.bits import holds
from reportlib.metrics.people.fold.table import fold
from reportlib.metrics.people.measured import of_these, told_by
from reportlib.metrics.people.settled import with_codes, with_numbers, worded
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.metrics.weekly.against_history import judged
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import contacts, events, messages

WEEKS = 26
KEY = ["channel", "group"]
CARRIED = ["channel", "carried_by"]
COUNTS = ("sent", "failed", "permanent", "repeated")
TOLD = ("delivered", "complained")  # where somebody tells it
FLAGS = ("failed", "permanent", *TOLD, *(f"heard_{name}" for name in TOLD))
COLUMNS = {"channel": "str", "group": "str", "week": "datetime64[ms]"}
COLUMNS |= dict.fromkeys(COUNTS, "int64") | dict.fromkeys(TOLD, "Int64")
VERDICTS = {name: kind for name, kind in COLUMNS.items() if name != "week"}
VERDICTS |= dict.fromkeys(("expected", "low", "high"), "float64") | {"history": "int64", "verdict": "str"}


@of_account
@remembered
def deliverability(warehouse: Warehouse, account=None, smallest: int = SMALLEST) -> pd.DataFrame:
    """What became of an account's messages by who carries them: who runs the mailbox, of an e-mail, else the carrier.

    Messages whose failures nobody would tell of are in no row. The 26 weeks up to the latest data have rows.

    Returns
    -------
    DataFrame, one row per channel, group and week with messages, with the columns
        channel, group : str; those of fewer than `smallest` people are one, "(smaller groups)"
        week : datetime64[ms], the Monday of the hand-over's week on the account's clock
        sent, failed : int64, messages; permanent : int64, those failed for good, by the catalogue's codes
        repeated : int64, those failed to somebody to whom an earlier message on the channel had failed
        delivered, complained : Int64, messages with a receipt, and complained about; NA where not measured of all

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> weeks = metrics.deliverability(warehouse, "acai").query("channel == 'sms'")
    >>> weeks[["group", "week", "sent", "failed", "permanent"]].tail(2)
       group       week  sent  failed  permanent
    58  Vivo 2026-11-02  2064      71         26
    59  Vivo 2026-11-09   558      18          7
    """
    about = audience(warehouse, account)
    found = None if about is None else _counted(about)
    if about is None or found is None:
        return framed(COLUMNS)
    is_email = found["channel"] == "email"
    group = found["carried_by"].mask(is_email, found["carried_by"].map(mailbox_provider))
    known = found.assign(group=group.astype("str"))
    people = known.drop_duplicates(CARRIED).groupby(KEY)["people"].sum()
    small = people.reindex(pd.MultiIndex.from_frame(known[KEY])).to_numpy() < smallest
    known["group"] = known["group"].mask(small, SMALLER)
    known["week"] = pd.to_datetime(known["week_ms"], unit="ms").astype("datetime64[ms]")
    frame = known.groupby([*KEY, "week"], as_index=False)[[*COUNTS, *TOLD, *(f"heard_{name}" for name in TOLD)]].sum()
    for name in TOLD:
        frame[name] = frame[name].astype("Int64").where(frame[f"heard_{name}"] == frame["sent"])
    frame = frame[[*COLUMNS]].astype(COLUMNS)
    frame.attrs = {"week": pd.Timestamp(monday_ms(about.as_of_ms, about.zone) - WEEK_MS, unit="ms")}
    return frame


def failures_against_usual(weeks: pd.DataFrame) -> pd.DataFrame:
    """The failures of each channel and group of `deliverability` in the last week that is over, against its own weeks
    before: with nothing unusual, the chance that any is called so is 5 % (docs/weekly_statistics.md).

    Returns
    -------
    DataFrame, the groups that had messages in that week, the largest first, with
        channel, group, sent, failed, permanent, repeated, delivered, complained : as in `deliverability`
        expected, low, high : float64, the usual share of failures, and between which shares a week like the others lies
        history : int64, weeks before; verdict : str, "as usual", "higher than usual", "lower than usual", "too little
            history"

    Example
    -------
    >>> found = metrics.failures_against_usual(metrics.deliverability(warehouse, "acai"))
    >>> found[["channel", "group", "sent", "failed", "verdict"]].head(2)
      channel  group  sent  failed   verdict
    0     sms   Vivo  2064      71  as usual
    1     sms  Claro  1576      62  as usual
    """
    if weeks.empty:
        return framed(VERDICTS)
    last = weeks.attrs["week"]
    now = weeks[weeks["week"] == last].sort_values(["sent", *KEY], ascending=[False, True, True], ignore_index=True)
    past = weeks[weeks["week"] < last].groupby(KEY)
    of = {key: (rows["failed"].to_numpy(), rows["sent"].to_numpy()) for key, rows in past}
    histories = [of.get(key, ([], [])) for key in zip(now["channel"], now["group"], strict=True)]
    asked = now.assign(count=now["failed"], base=now["sent"], old_enough=True)
    found, _ = judged(asked, histories)
    return found[[*VERDICTS]].astype(VERDICTS)


def _counted(about: Audience) -> pd.DataFrame | None:
    """Messages by channel, domain or carrier (carried_by), and week, with the people of all weeks; None where of none a
    failure would be told."""
    sources = told_by(about.warehouse, select_campaigns(about.warehouse, list(about.campaign_ids)))
    sources = sources[sources["by_person"]]
    told = sources[sources["failed"]]
    if told.empty:
        return None
    m, at = messages.c, about.at_ms()
    mine = and_(of_these(told, among=sources), m.campaign_id.in_(about.campaign_ids))
    complained = select(events.c.message_id).where(events.c.kind == "complained")
    is_told = {
        "failed": m.status == "failed",
        "permanent": permanently_failed(about.seen, read_catalogue(), mine),
        "delivered": m.status == "delivered",
        "complained": m.message_id.in_(complained),
    }
    source, contact_id = with_numbers(messages, m.contact_id, bool(about.kept))
    found = [_told(about, messages, contact_id, is_told, told, sources).select_from(source).where(m.status != "queued")]
    if about.kept:
        f = fold.c
        is_told = {"delivered": holds(f.flags, "confirmed"), "complained": holds(f.flags, "complained")}
        found.append(_told(about, fold, f.number, is_told, told, sources).where(is_sent(f)))
    one = union_all(*found).cte("carried")
    o = one.c
    before = (
        select(contact_id.label("contact_id"), m.channel, func.min(at).label("failed_ms"))
        .select_from(source)
        .where(mine, m.status == "failed")
        .group_by(contact_id, m.channel)
        .cte("first_failure_of_each")
    )
    source, carried_by = _carried_by(about, one)
    source = source.outerjoin(before, and_(before.c.contact_id == o.contact_id, before.c.channel == o.channel))
    repeated = case((and_(o.failed == 1, o.at_ms > before.c.failed_ms), 1), else_=0)
    row = (
        select(
            *(o.channel, carried_by, about.week_of(o.at_ms).label("week_ms"), repeated.label("repeated")),
            *[o[name] for name in FLAGS],
        )
        .select_from(source)
        .cte("carried_by_group")
    )
    keys = [row.c[name] for name in (*CARRIED, "week_ms")]
    sums = [func.sum(row.c[name]).label(name) for name in ("repeated", *FLAGS)]
    counted = _asked(about, select(*keys, func.count().label("sent"), *sums).group_by(*keys))
    people = _asked(about, _people(about, one))
    return counted.merge(people, "left", CARRIED) if len(counted) else counted.assign(people=0)


def _told(about, rows, contact_id, is_told, told, sources):
    """Messages of the sources `told` in the last WEEKS, of `sources`: contact_id, channel, at_ms, FLAGS."""
    at, since = about.at_ms(rows), about.as_of_ms - WEEKS * WEEK_MS
    heard = {f"heard_{name}": of_these(told[told[name]], rows, sources) for name in TOLD}
    flags = {name: holds for name, holds in (is_told | heard).items() if holds is not None}
    columns = [(case((flags[name], 1), else_=0) if name in flags else literal(0)).label(name) for name in FLAGS]
    return select(contact_id.label("contact_id"), rows.c.channel, at.label("at_ms"), *columns).where(
        of_these(told, rows, sources), rows.c.campaign_id.in_(about.ids_since(since)), at > since
    )


def _asked(about, counted):
    """The answer to counts by who carries messages, which in the fold are the codes of words."""
    if not about.kept:
        return about.warehouse.sql(counted)
    found = about.kept.sql(worded(counted, "carried_by"))
    return found.groupby([name for name in found if name in (*CARRIED, "week_ms")], as_index=False).sum()


def _people(about, one):
    """People by channel and domain or carrier."""
    person = select(one.c.contact_id, one.c.channel).distinct().cte("carried_people")
    source, carried_by = _carried_by(about, person)
    group = select(person.c.channel, carried_by).select_from(source).cte("people_of_group")
    keys = [group.c[name] for name in CARRIED]
    return select(*keys, func.count().label("people")).group_by(*keys)


def _carried_by(about, rows):
    """The rows with their contacts, and by whom these are reached: the domain, of an e-mail, else the carrier."""
    if about.kept:
        source, (domain, carrier) = with_codes(rows, rows.c.contact_id, ("email_domain", "carrier"))
        return source, case((rows.c.channel == "email", domain), else_=carrier).label("carried_by")
    domain, carrier = (func.coalesce(contacts.c[name], UNKNOWN) for name in ("email_domain", "carrier"))
    column = case((rows.c.channel == "email", domain), else_=carrier).label("carried_by")
    return rows.outerjoin(contacts, contacts.c.contact_id == rows.c.contact_id), column
