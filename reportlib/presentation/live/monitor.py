"""`live_monitor`: a campaign that is sending, watched in place; one look at it, where nobody looks on."""

from dataclasses import replace

from reportlib.metrics.live.watch import LiveWatch
from reportlib.metrics.local_time import check_zone
from reportlib.metrics.people.totals import totals_only
from reportlib.presentation.live import findings, parts
from reportlib.presentation.look.display import REPORT_MIME, Display, one_below_the_other
from reportlib.presentation.look.finding import Finding
from reportlib.presentation.look.first_screen import FirstScreen
from reportlib.presentation.look.front_end import has_front_end
from reportlib.presentation.review.caveats import NOTHING_FOR_GOOD
from reportlib.presentation.review.head import headline
from reportlib.warehouse import Warehouse

LISTED = "Campaigns as they were being sent. Delivered and failed in percent of the audience."


def live_monitor(warehouse: Warehouse, campaign, interval_s: float = 2.0, timezone: str | None = None):
    """Watch a campaign: figures, timeline, failures and alarms, anew every `interval_s` seconds.

    In JupyterLab it goes on until the campaign has completed, with controls to pause it and to choose another campaign
    or interval; it takes the place of a monitor that runs already. Elsewhere (papermill, `reportlib run`) it shows the
    campaign once. `timezone` is an IANA zone, without one the account's.

    Raises
    ------
    UnknownTimeZone; and where it shows the campaign once, UnknownCampaign, CampaignNotStarted, WarehouseError
    """
    if timezone is not None:
        check_zone(timezone)
    if not has_front_end():
        return snapshot(warehouse, campaign, timezone)
    from reportlib.presentation.live.widget import watch  # ipywidgets take a fifth of a second to import

    return watch(warehouse.engine, campaign, interval_s, timezone)


def snapshot(warehouse: Warehouse, campaign, timezone: str | None = None) -> Display:
    """One look at a campaign, as the head of a report."""
    if len(totals_only(warehouse, campaign)):
        said = Finding("totals", "note", "Known as totals only: there is no message to watch.")
        return headline(warehouse, campaign, FirstScreen(said))
    figures = LiveWatch(warehouse.engine, campaign).look(whole=True)
    zone = parts.zone_of(figures, timezone)
    standing = findings.first(figures, zone)
    to_do = findings.to_do(figures, zone)
    if any(one.text == standing.advice for one in to_do):
        standing = replace(standing, advice="")  # said below
    believed = "" if figures.completed else NOTHING_FOR_GOOD
    top = headline(warehouse, campaign, FirstScreen(standing, parts.first_cards(figures, zone), to_do, believed))
    shown = parts.parts(figures, zone) | {"figures": parts.shown_figures(figures, zone, is_first=False)}
    rest = one_below_the_other([shown[name] for name in parts.PARTS if name not in ("head", "alarms")])
    about = top.also[REPORT_MIME]
    about["listing"] |= {"caption": LISTED, "place": 5}
    return Display(top.html + rest.html, f"{top.text}\n\n{rest.text}", top.also)
