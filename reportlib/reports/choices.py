"""What can be chosen for a parameter, (label, value), given the warehouse and the values of others by their kinds."""

from zoneinfo import available_timezones

from reportlib import metrics
from reportlib.errors import ReportError
from reportlib.metrics.selection.clocks import RECIPIENT
from reportlib.metrics.selection.grouping import GROUPINGS
from reportlib.metrics.weekly.campaigns import finished_campaigns_of
from reportlib.metrics.weekly.iso_week import LAST
from reportlib.presentation.workbench.labels import label, one_line


def accounts(warehouse, others):
    """Every account, by name and id."""
    known = metrics.accounts(warehouse)
    return [(f"{one_line(row.account)} · {row.account_id}", row.account_id) for row in known.itertuples()]


def weeks(warehouse, others):
    """The weeks in which a campaign of the account finished, the latest first."""
    try:
        found = finished_campaigns_of(warehouse, others.get("account"))["week"]
    except ReportError:
        found = None  # said where the account is used
    known = [] if found is None else found.dropna().drop_duplicates().sort_values(ascending=False).tolist()
    return [(LAST, LAST), *((week, week) for week in known)]


def experiments(warehouse, others):
    """Every experiment."""
    known = metrics.experiments(warehouse)["experiment_id"]
    return [(one_line(str(one)), one) for one in known]


def compared(warehouse, others):
    """The campaigns that are compared."""
    ids = others.get("compared") or []
    known = metrics.select_campaigns(warehouse)
    rows = known.set_index(known["campaign_id"].astype(str)).reindex(list(map(str, ids))).dropna(subset="campaign_id")
    return [(label(row), row.campaign_id) for row in rows.itertuples()]


def zones(warehouse, others):
    """The zones of the accounts, and UTC."""
    used = sorted(set(metrics.accounts(warehouse)["timezone"].dropna()) & available_timezones() - {"UTC"})
    return [(zone, zone) for zone in ("UTC", *used)]


def any_zone(warehouse, others):
    """The same, and each recipient's own."""
    return [(RECIPIENT, RECIPIENT), *zones(warehouse, others)]


def groupings(warehouse, others):
    """What every database can be grouped by."""
    return [(name, name) for name in GROUPINGS]
