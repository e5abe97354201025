"""What the campaigns of a week cost, and what of it was paid for nothing."""

from reportlib import metrics
from reportlib.metrics import WeeklyFigures
from reportlib.presentation.look.display import Display, one_below_the_other
from reportlib.presentation.review.costs import side_by_side, wasted
from reportlib.warehouse import Warehouse


def costs(warehouse: Warehouse, weekly: WeeklyFigures) -> Display:
    """Each campaign's cost to date, per person too, then the waste of all of them."""
    if weekly.campaigns.empty:
        said = "Nothing was sent."
        return Display(f'<p class="empty">{said}</p>', said)
    labels = dict(zip(weekly.campaigns["campaign_id"], weekly.campaigns["label"], strict=True))
    ids = [*labels]
    people = metrics.breakdown(warehouse, ids, by="campaign_id")
    each = side_by_side(metrics.costs(warehouse, ids, by="campaign_id"), people, labels)
    return one_below_the_other([each, *wasted(metrics.waste(warehouse, ids), metrics.marketing_limit(warehouse, ids))])
