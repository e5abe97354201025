"""phpList, on MySQL or MariaDB: a row per recipient, times by the clock of its server."""

from datetime import timedelta

from reportlib.warehouse.connect.platform import Extract, Platform


def _utc(time: str) -> str:
    """A time by the server's clock, which is taken for the account's."""
    return f"(({time}) AT TIME ZONE :timezone) AT TIME ZONE 'UTC'"


_STATUS_OF_MAIL = r"regexp_extract(data, '(?i)status:\s*([245]\.\d{1,3}\.\d{1,3})', 1)"
_DIAGNOSTIC = r"regexp_extract(data, '(?i)diagnostic-code:\s*([^\r\n]{1,300})', 1)"

PLATFORM = Platform(
    name="phplist",
    title="phpList",
    versions="phpList 3",
    extracts=(
        Extract("message", "id:int subject fromfield status template:int embargo:time sendstart:time sent:time", "id"),
        Extract("listmessage", "id:int messageid:int listid:int", "id"),
        Extract("list", "id:int name", "id", name="lists"),
        Extract("linktrack_forward", "id:int url", "id", name="links"),
        Extract("user_attribute", "id:int name", "id", name="attributes", optional=True),
        Extract("user_user_attribute", "attributeid:int userid:int value", "attributeid userid", person="userid",
                name="attribute_values", optional=True),
        Extract("user_user", "id:int email entered:time modified:time", "id", person="id", changed="modified",
                overlap=timedelta(days=1), name="users", kept={"email": "lower(split_part(email, '@', -1))"}),
        Extract("listuser", "userid:int listid:int entered:time modified:time", "userid listid", person="userid",
                changed="modified", overlap=timedelta(days=1)),
        Extract("usermessage", "messageid:int userid:int entered:time viewed:time status", "messageid userid",
                person="userid", changed="entered viewed", overlap=timedelta(days=2)),
        Extract("user_message_view", "id:int messageid:int userid:int viewed:time", "id", person="userid",
                changed="viewed", overlap=timedelta(days=1), name="views", optional=True),
        Extract("linktrack_uml_click", "id:int messageid:int userid:int forwardid:int firstclick:time latestclick:time "
                "clicked:int", "id", person="userid", changed="firstclick latestclick", overlap=timedelta(days=1),
                name="clicks"),
        Extract("bounce", "id:int date:time data comment", "id", changed="date", overlap=timedelta(days=2),
                kept={"data": f"nullif({_STATUS_OF_MAIL}, '')", "comment":
                    f"coalesce(nullif({_DIAGNOSTIC}, ''), comment)"}),
        Extract("user_message_bounce", "id:int user:int message:int bounce:int time:time", "id", person='"user"',
                changed="time", overlap=timedelta(days=2), name="bounced"),
        Extract("user_blacklist", "email added:time", "email", optional=True, name="blacklist",
                kept={"email": "md5(lower(email))"}),
    ),
    tables={
        "accounts": "SELECT 'phplist' AS account_id, 'phpList' AS name, :timezone AS timezone",
        "segments": "SELECT id AS segment_id, 'phplist' AS account_id, name FROM source.lists",
        "contacts": f"""SELECT id AS contact_id, 'phplist' AS account_id, email AS email_domain,
            {_utc("entered")} AS created_at FROM source.users""",
        "contact_attributes": """SELECT userid AS contact_id, name AS attribute, any_value(value) AS value
            FROM source.attribute_values JOIN source.attributes a ON a.id = attributeid WHERE value <> '' GROUP BY
                ALL""",
        "segment_members": "SELECT listid AS segment_id, userid AS contact_id FROM source.listuser",
        "messages": f"""
            WITH failed AS (
                SELECT "user", message, min(u.time) AS bounced_at, min(b.data) AS code, min(b.comment) AS words
                FROM source.bounced u LEFT JOIN source.bounce b ON b.id = u.bounce GROUP BY ALL)
            SELECT messageid || '-' || userid AS message_id, messageid AS campaign_id, userid AS contact_id,
                'email' AS channel, CASE WHEN bounced_at IS NOT NULL THEN 'failed' WHEN status = 'sent' THEN 'sent'
                    WHEN status = 'todo' THEN 'queued' ELSE 'failed' END AS status, {_utc("entered")} AS queued_at,
                CASE WHEN status = 'sent' THEN {_utc("entered")} END AS sent_at,
                CASE WHEN bounced_at IS NOT NULL THEN bounced_at WHEN status NOT IN ('sent', 'todo') THEN
                    {_utc("entered")} END AS failed_at,
                CASE WHEN bounced_at IS NOT NULL THEN coalesce(code, 'bounce') WHEN status NOT IN ('sent', 'todo')
                    THEN status END AS failure_code, words AS failure_reason
            FROM source.usermessage LEFT JOIN failed ON "user" = userid AND message = messageid""",
        "events": f"""
            SELECT 'v' || id AS event_id, messageid || '-' || userid AS message_id, messageid AS campaign_id,
                'opened' AS kind, {_utc("viewed")} AS occurred_at, NULL AS url
            FROM source.views
            UNION ALL
            SELECT 'f' || messageid || '-' || userid, messageid || '-' || userid, messageid, 'opened',
                {_utc("viewed")}, NULL
            FROM source.usermessage u WHERE viewed IS NOT NULL AND NOT EXISTS (
                FROM source.views v WHERE v.messageid = u.messageid AND v.userid = u.userid)
            UNION ALL
            SELECT 'c' || c.id || '-' || n, messageid || '-' || userid, messageid, 'clicked',
                {_utc("CASE n WHEN 1 THEN firstclick WHEN 2 THEN latestclick END")}, url
            FROM (SELECT *, unnest(range(1, greatest(clicked, 1) + 1)) AS n FROM source.clicks) c
            LEFT JOIN source.links l ON l.id = forwardid""",
        "campaigns": f"""
            SELECT m.id AS campaign_id, 'phplist' AS account_id, subject AS name, CASE status WHEN 'sent' THEN
                'completed'
                WHEN 'inprocess' THEN 'sending' WHEN 'submitted' THEN 'scheduled' WHEN 'suspended' THEN 'cancelled'
                WHEN 'cancelled' THEN 'cancelled' ELSE 'draft' END AS status, nullif(template, 0) AS template_id,
                list AS segment_id, {_utc("embargo")} AS scheduled_at, {_utc("sendstart")} AS started_at,
                {_utc("sent")} AS completed_at
            FROM source.message m LEFT JOIN (SELECT messageid, min(listid) AS list FROM source.listmessage
                                             GROUP BY ALL HAVING count(*) = 1) ON messageid = m.id""",
        "campaign_attributes": """SELECT id AS campaign_id, 'sender' AS attribute, fromfield AS value
            FROM source.message WHERE fromfield <> ''""",
    },
    tells={"email": ("opened", "clicked", "links")},
    no_place={"opt-outs, which phpList keeps without a campaign": "SELECT count(*) FROM source.blacklist"},
    not_told=(
        "delivery: a mail server gives no receipt; only bounces are known",
        "opt-outs by campaign, replies, complaints",
        "the zone of its server's clock: --timezone is taken for both",
    ),
)  # fmt: skip
