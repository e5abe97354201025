"""What a source can tell at all."""

import pandas as pd
from sqlalchemy import select

from reportlib.metrics.campaigns import campaigns as all_campaigns
from reportlib.metrics.memo import remembered
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import events, messages


def accounts_with_email_replies(warehouse: Warehouse, chosen: pd.DataFrame) -> list:
    """The accounts of these rows of `campaigns` that ever brought in a reply by e-mail.

    Without inbound parsing there never is one. The accounts' other campaigns are asked about where these do not tell.
    """
    heard = _heard_by_email(warehouse, chosen["campaign_id"].tolist())["account_id"]
    known = all_campaigns(warehouse)
    untold = known["account_id"].isin(chosen["account_id"]) & ~known["account_id"].isin(heard)
    others = known.loc[untold & ~known["campaign_id"].isin(chosen["campaign_id"]), "campaign_id"].tolist()
    more = _heard_by_email(warehouse, others)["account_id"] if others else []
    return [*heard, *more]


@remembered
def _heard_by_email(warehouse, campaign_ids):
    """The accounts, column account_id, to which one of these campaigns brought a reply by e-mail."""
    replied = (
        select(messages.c.campaign_id)
        .join_from(events, messages, messages.c.message_id == events.c.message_id)
        .where(
            events.c.kind == "replied",
            messages.c.channel == "email",
            *[table.c.campaign_id.in_(campaign_ids) for table in (events, messages)],
        )
        .distinct()
    )
    known, found = all_campaigns(warehouse), warehouse.sql(replied)
    return known.loc[known["campaign_id"].isin(found["campaign_id"]), ["account_id"]].drop_duplicates()
