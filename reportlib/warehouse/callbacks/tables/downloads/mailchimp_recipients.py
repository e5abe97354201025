"""Mailchimp's recipients of one campaign: how often each opened and clicked, and no times."""

from reportlib.warehouse.callbacks.message_table.mapping import Mapping

TITLE = "Mailchimp: recipients of a campaign"
ROWS = "people, with numbers of opens and clicks"
HEADER = ("Email Address", "Member Rating", "Opens", "Clicks")
SEEN = False
MAPPING = Mapping(
    columns={"contact_id": "Email Address", "opens": "Opens", "clicks": "Clicks"},
    fixed={"channel": "email", "provider": "mailchimp", "status": "sent"},  # a mail server gives no receipt
    is_whole=True,
)
