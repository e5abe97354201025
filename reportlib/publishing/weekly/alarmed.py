"""The alerts that hold of the campaigns that finished in a week, told to those who hear of alarms."""

from collections.abc import Callable
from pathlib import Path

from reportlib.metrics.live.alerts import alerted
from reportlib.metrics.selection.campaigns import campaigns
from reportlib.metrics.weekly.iso_week import Week
from reportlib.presentation.look.brand.brand import brand_of, shown_in
from reportlib.publishing.watch.notices import RAISED, Notice, Scene, alarm_of, notice_of
from reportlib.publishing.watch.tell import FOLDER, Audience, tell_all
from reportlib.publishing.weekly.edition import Edition, finished_in
from reportlib.reports.alerts import read_alerts
from reportlib.suite import suite
from reportlib.warehouse import Warehouse, open_warehouse


def tell_alerts(
    edition: Edition, week: Week, folder: Path, audience: Audience, dry_run: bool, tell: Callable[[str], None]
) -> bool:
    """Tell each alert of the suite that holds of a campaign of the week in an edition's folder, each to each once by
    the ledger that it shares with a watch: what that told is not told again. Whether all were handed over; a dry run
    only says what would be told."""
    alerts = read_alerts(suite())
    if not alerts or not (audience.to or audience.chats):
        return True
    warehouse = open_warehouse()
    try:
        notices = _notices(warehouse, finished_in(warehouse, edition, week), alerts, audience.link_base_url)
    finally:
        warehouse.engine.dispose()
    if dry_run:
        for one in notices:
            tell(f"would be told: {one.subject}")
        return True
    ledger = folder.parent / FOLDER
    return len(tell_all(ledger, notices, audience, tell, before=[folder])) == len(notices)  # an edition's own


def _notices(warehouse: Warehouse, ids: list, alerts, link_base_url) -> list[Notice]:
    known = campaigns(warehouse)
    notices = []
    for _, about in known[known["campaign_id"].isin(ids)].iterrows():
        account = str(about["account_id"])
        named = str(about["campaign_id"]), str(about["name"]), str(about["account"]), account
        with shown_in(brand_of(account)):
            for hit in alerted(alerts, warehouse, about):
                scene = Scene(*named, "finished sending", [], [])
                notices.append(notice_of(scene, alarm_of(hit), 1, RAISED, link_base_url))
    return notices
