"""Who tells what became of messages: the providers, and the rows of a table."""

from reportlib.warehouse.callbacks import told
from reportlib.warehouse.callbacks.providers import PROVIDERS, names_of

SPEAKERS = {**PROVIDERS, told.PROVIDER: told}


def names_in_messages(speaker: str) -> tuple[str, ...] | None:
    """What messages.provider may call it; None of a table, which may be of any provider."""
    return None if speaker == told.PROVIDER else names_of(speaker)
