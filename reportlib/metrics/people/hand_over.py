"""When a message was handed over to its provider."""

from sqlalchemy import func

from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import sound_ms


def handed_over_ms():
    """When a message was handed over, epoch milliseconds; NULL where nothing says so."""
    return func.coalesce(sound_ms(messages.c.sent_at), sound_ms(messages.c.queued_at))
