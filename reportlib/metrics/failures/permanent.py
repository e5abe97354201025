"""Failures that always will be, told by their codes alone."""

from sqlalchemy import String, and_, cast, false, or_, select

from reportlib.metrics.failures.catalogue import meaning_of_code
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages


def permanently_failed(warehouse: Warehouse, meanings: dict, among):
    """The condition that a message failed with a code that means it always will; `among`, a condition too, says which
    messages it is to be asked of, `meanings` is a catalogue."""
    m = messages.c
    code = cast(m.failure_code, String)
    met = warehouse.sql(
        select(m.channel, m.provider, code.label("code"))
        .where(m.status == "failed", m.failure_code.is_not(None), among)
        .distinct()
    )
    means = [
        and_(m.channel == row.channel, m.provider == row.provider, code == str(row.code))
        for row in met.dropna().sort_values(["channel", "provider", "code"]).itertuples(index=False)
        if (found := meaning_of_code(meanings, row.channel, row.provider, str(row.code)))
        and found.permanence == "permanent"
    ]
    return and_(m.status == "failed", or_(false(), *means))
