"""Our own detailed export, and tables that have been made to look like it."""

from reportlib.warehouse.callbacks.message_table.mapping import Mapping

TITLE = "`reportlib export detailed`"
ROWS = "messages"
HEADER = ("campaign_id", "contact_id", "channel")
SEEN = True
MAPPING = Mapping()
