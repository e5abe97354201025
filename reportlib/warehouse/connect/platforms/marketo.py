"""Marketo, as Fivetran's connector stores it: a table per activity; a campaign is an e-mail in a run of another."""

from reportlib.warehouse.connect.platform import Extract, Platform

_COLUMNS = (
    "id lead_id activity_date:time campaign_id campaign_run_id primary_attribute_value_id primary_attribute_value"
)
_RUN = "primary_attribute_value_id || '-' || coalesce(campaign_run_id, '')"


def _activity(name: str, columns: str = "", optional: bool = False) -> Extract:
    """The table of an activity, of which a lead is the person."""
    return Extract(f"activity_{name}", f"{_COLUMNS} {columns} _fivetran_synced:time", "id", person="lead_id",
                   changed="_fivetran_synced", name=name, optional=optional)  # fmt: skip


_ALL = " UNION ALL ".join(
    f"""SELECT id, lead_id, {_RUN} AS run, primary_attribute_value_id AS asset, primary_attribute_value AS name,
        campaign_id AS smart, activity_date, '{name}' AS what, {reason} AS code, {words} AS words FROM source.{name}
            {only}"""
    for name, reason, words, only in (
        ("send_email", "NULL", "NULL", "WHERE coalesce(action_result, '') <> 'skipped'"),
        ("email_delivered", "NULL", "NULL", ""),
        ("email_bounced", "category || coalesce('/' || subcategory, '')", "details", ""),
        ("email_bounced_soft", "category || coalesce('/' || subcategory, '')", "details", ""),
        ("open_email", "NULL", "NULL", ""),
        ("click_email", "NULL", "NULL", ""),
    )
)

PLATFORM = Platform(
    name="marketo",
    title="Marketo (Fivetran)",
    versions="Fivetran's schema of Marketo",
    schemas=True,
    extracts=(
        Extract("campaign", "id name type", "id", optional=True),
        Extract("lead", "id email country? created_at:time _fivetran_synced:time", "id", person="id",
                changed="_fivetran_synced", kept={"email": "lower(split_part(email, '@', -1))"}),
        _activity("send_email", "action_result?"),
        _activity("email_delivered"),
        _activity("email_bounced", "category subcategory details"),
        _activity("email_bounced_soft", "category subcategory details", optional=True),
        _activity("open_email"),
        _activity("click_email", "link"),
        _activity("unsubscribe_email"),
    ),
    tables={
        "accounts": "SELECT 'marketo' AS account_id, 'Marketo' AS name, :timezone AS timezone",
        "segments": "SELECT NULL AS segment_id, NULL AS account_id, NULL AS name WHERE false",
        "contacts": """SELECT id AS contact_id, 'marketo' AS account_id, country, email AS email_domain, created_at
            FROM source.lead""",
        "messages": f"""
            SELECT run || '-' || lead_id AS message_id, run AS campaign_id, lead_id AS contact_id, 'email' AS channel,
                CASE WHEN bool_or(what LIKE 'email_bounced%') THEN 'failed' WHEN bool_or(what = 'email_delivered')
                    THEN 'delivered' ELSE 'sent' END AS status,
                min(activity_date) AS queued_at, min(activity_date) AS sent_at,
                CASE WHEN NOT bool_or(what LIKE 'email_bounced%')
                    THEN min(activity_date) FILTER (what = 'email_delivered') END AS delivered_at,
                min(activity_date) FILTER (what LIKE 'email_bounced%') AS failed_at, min(code) AS failure_code,
                min(words) AS failure_reason
            FROM ({_ALL}) GROUP BY run, lead_id""",
        "events": f"""
            SELECT 'o' || id AS event_id, {_RUN} || '-' || lead_id AS message_id, {_RUN} AS campaign_id, 'opened' AS
                kind,
                activity_date AS occurred_at, NULL AS url FROM source.open_email
            UNION ALL SELECT 'c' || id, {_RUN} || '-' || lead_id, {_RUN}, 'clicked', activity_date, link
                FROM source.click_email
            UNION ALL SELECT 'u' || id, {_RUN} || '-' || lead_id, {_RUN}, 'unsubscribed', activity_date, NULL
                FROM source.unsubscribe_email""",
        "campaigns": f"""
            SELECT run AS campaign_id, 'marketo' AS account_id, coalesce(min(a.name), 'E-mail ' || min(asset)) AS name,
                CASE WHEN bool_or(lower(c.type) = 'trigger') THEN 'ongoing' ELSE 'completed' END AS status,
                min(asset) AS template_id, min(activity_date) AS started_at,
                CASE WHEN NOT coalesce(bool_or(lower(c.type) = 'trigger'), false)
                    THEN max(activity_date) FILTER (what IN ('send_email', 'email_delivered')) END AS completed_at
            FROM ({_ALL}) a LEFT JOIN source.campaign c ON c.id = smart GROUP BY run""",
    },
    tells={"email": ("delivered", "opened", "clicked", "links", "unsubscribed")},
    no_place={
        "mails that Marketo decided to skip": """SELECT count(*) FROM source.send_email
            WHERE action_result = 'skipped'""",
    },
    not_told=("replies and complaints",),
)  # fmt: skip
