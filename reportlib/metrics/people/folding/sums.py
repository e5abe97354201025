"""Sums over all messages and clicks of a campaign, those of the people of whom something is open too."""

from sqlalchemy import Select, case, func, literal, literal_column, select, text, union_all

from reportlib.metrics.people.fold.table import CLICKS
from reportlib.metrics.people.folding.by_event import END_MS, these
from reportlib.metrics.people.folding.selects import made
from reportlib.metrics.people.machines.clicks import told_clicks
from reportlib.metrics.people.seen import STATUSES, by_source
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import any_bits


def open_clicks(now_ms: int) -> Select:
    """What goes to `clicks` of those that the fold leaves open, of `these` campaigns; of the tables of the fold."""
    ours: Select = select(literal_column("campaign_id")).select_from(text(these.name))
    click = told_clicks(ours, END_MS)
    late_ms = case((click.c.at_ms > now_ms, click.c.at_ms)).label("late_ms")
    keys = [click.c.campaign_id, click.c.channel, click.c.bucket]
    return select(*keys, *[func.sum(click.c[name]).label(name) for name in CLICKS], late_ms).group_by(*keys, late_ms)


def all_sources(of: bool) -> Select:
    """What goes to `sources`, of all messages, or of those of `these` campaigns."""
    m, r, keys = messages.c, made.c, ("campaign_id", "channel", "provider")
    counted = by_source().where(m.campaign_id.in_(select(these.c.campaign_id))) if of else by_source()
    met = select(*[r[key] for key in keys], *[literal(0) for _ in STATUSES], any_bits(r.met)).group_by(
        *[r[key] for key in keys]
    )
    both = union_all(counted.add_columns(literal(0).label("met")), met).cte("both")
    sums = [func.sum(both.c[name]).label(name) for name in (*STATUSES, "met")]
    return select(*[both.c[key] for key in keys], *sums).group_by(*[both.c[key] for key in keys])
