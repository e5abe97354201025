"""What a chat is told, in its own form: verdict, cards, picture, what to do, a link; every text as text, whatever is
in it.

Forms that know a plain text are given one (Slack's plain_text, Teams' TextRun); where there is only marked-up text,
what would be markup, a mention or a link is escaped.
"""

from dataclasses import replace

from reportlib.publishing.chat.forms import google_chat, mattermost, slack, teams, webhook
from reportlib.publishing.chat.texts import Picture
from reportlib.publishing.mail.content import Content

_FINDINGS = 3
_FORMS = {
    "slack": slack.message,
    "teams": teams.message,
    "google_chat": google_chat.message,
    "mattermost": mattermost.message,
    "webhook": webhook.message,
}


def payload_of(kind: str, content: Content, picture: Picture | None = None) -> dict:
    """The message to a chat of this kind, one of `settings.NAMES`, as its webhook takes it."""
    title = content.title or content.kicker or "Report"
    return _FORMS[kind](replace(content, title=title, findings=content.findings[:_FINDINGS]), picture)
