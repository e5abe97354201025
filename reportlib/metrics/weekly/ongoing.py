"""What always-on sendings (automations, transactional mails) sent in a week: they never end, so each week counts."""

import pandas as pd
from sqlalchemy import func, select

from reportlib.metrics.comparison.age.equal_age import labels
from reportlib.metrics.people.measured import told_by
from reportlib.metrics.people.outcomes import handed_over_ms
from reportlib.metrics.selection.accounts import select_account
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.selection.known_totals import known_totals
from reportlib.metrics.weekly.iso_week import Week
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages

COLUMNS = {"campaign_id": "str", "label": "str"} | dict.fromkeys(("sent", "delivered", "failed"), "int64")
COLUMNS |= dict.fromkeys(("delivery_measured", "failed_measured"), "bool")


def ongoing(warehouse: Warehouse, account, week: Week) -> pd.DataFrame:
    """The account's ongoing campaigns by what they handed over in the week; `account` as in `select_account`.

    Returns
    -------
    DataFrame, the most messages first, with the columns
        campaign_id, label : str
        sent, delivered, failed : int64, messages handed over in the week, and what has become of them since
        delivery_measured, failed_measured : bool, whether receipts, and failures, come in for all of them

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone
    """
    about, known = select_account(warehouse, account), select_campaigns(warehouse)
    ours = (known["account_id"].astype(str) == str(about["account_id"])) & (known["status"] == "ongoing")
    in_totals = known["campaign_id"].isin(known_totals(warehouse)["campaign_id"])  # of no week
    chosen = known[ours & ~in_totals].assign(label=lambda rows: labels(rows))
    m, ids = messages.c, chosen["campaign_id"].tolist()
    start, end = (int(at.timestamp() * 1000) for at in (week.start(about["timezone"]), week.end(about["timezone"])))
    counted = warehouse.sql(
        select(m.campaign_id, m.status, func.count().label("messages"))
        .where(m.campaign_id.in_(ids), m.status != "queued", handed_over_ms() >= start, handed_over_ms() < end)
        .group_by(m.campaign_id, m.status)
    )
    by_status = counted.groupby(["campaign_id", "status"])["messages"].sum().unstack("status", fill_value=0)
    told = told_by(warehouse, chosen).groupby("campaign_id")[["delivered", "failed"]].min()
    rows = []
    for row in chosen.itertuples(index=False):
        became = by_status.loc[row.campaign_id] if row.campaign_id in by_status.index else {}
        settled = [int(became.get(status, 0)) for status in ("delivered", "failed")]
        sent = sum(settled) + int(became.get("sent", 0))
        measured = told.loc[row.campaign_id] if row.campaign_id in told.index else (True, True)
        rows.append((str(row.campaign_id), row.label, sent, *settled, *measured))
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    return frame.sort_values(["sent", "campaign_id"], ascending=[False, True], ignore_index=True)
