"""WhatsApp Business Cloud API webhooks, with the envelope or without it, as resellers forward them."""

from reportlib.warehouse.callbacks.model import (
    Callback,
    Unusable,
    brief,
    is_opt_out,
    moment,
    part,
    parts,
    phone,
    required,
    words,
)

CHANNEL = "whatsapp"
_STATUSES = {"sent": "sent", "delivered": "delivered", "read": "opened", "played": "opened", "failed": "failed"}
_HELD = ("statuses", "messages", "user_preferences")
_DEEPEST = 8  # levels of an envelope that are looked through


def pieces(payload):
    """Each status, message and preference of a webhook, wherever in it, under the name of its list."""
    return _alone(payload) or list(_held(payload, 0)) or [payload]


def callbacks(piece):
    """Of one status, one inbound message, or one change of a person's preferences."""
    for name, read in _READ:
        if found := parts(piece, name):
            return read(found[0])
    raise Unusable("holds no status, message or preference: nothing about a message")


def _alone(payload):
    """The piece of a webhook with one status and nothing else, as nearly all are; None for any other."""
    try:
        entries = payload["entry"]
        changes = entries[0]["changes"]
        value = changes[0]["value"]
        statuses = value["statuses"]
    except (KeyError, TypeError, IndexError):
        return None
    if "messages" in value or "user_preferences" in value or type(statuses) is not list:
        return None
    return [{"statuses": statuses}] if len(entries) == len(changes) == len(statuses) == 1 else None


def _held(payload, depth):
    if depth > _DEEPEST:
        return
    if type(payload) is list:
        for one in payload:
            yield from _held(one, depth + 1)
    elif type(payload) is dict:
        for name, value in payload.items():
            if type(value) is list and name in _HELD:
                for one in value:
                    yield {name: [one]}
            elif type(value) is dict or type(value) is list:
                yield from _held(value, depth + 1)


def _status(status):
    said, message = required(status, "status"), required(status, "id")
    kind = _STATUSES.get(said)
    if kind is None:
        raise Unusable(f"the status {brief(said)} is not known")
    # with usernames there may be no number; of a group, recipient_id is the group
    is_group = status.get("recipient_type") == "group"
    number = status.get("recipient_participant_id" if is_group else "recipient_id")
    recipient = phone(number) or words(status.get("recipient_user_id"))
    code, reason = _error(status) if kind == "failed" else (None, None)
    key = f"{message}:{said}:{code}" if code else f"{message}:{said}"
    if is_group:
        key += f":{recipient}"
    return [Callback(key, kind, message, recipient, moment(status.get("timestamp")), code, reason)]


def _error(status):
    errors = parts(status, "errors")
    if not errors:
        return None, None
    first = errors[0]
    detail = words(part(first, "error_data").get("details"))
    return words(first.get("code")), detail or words(first.get("message")) or words(first.get("title"))


def _message(message):
    identity, kind = required(message, "id"), words(message.get("type"))
    about, who = words(part(message, "context").get("id")), phone(message.get("from"))
    who = who or words(message.get("from_user_id"))
    if kind == "reaction":
        reaction = part(message, "reaction")
        if not reaction.get("emoji"):
            raise Unusable("a reaction taken back")
        about = about or words(reaction.get("message_id"))
    if who is None and about is None:
        raise Unusable("names neither a message nor its writer")
    at = moment(message.get("timestamp"))
    label, tapped = _tapped(message, kind)
    common = {"message": about, "recipient": who, "at_ms": at, "channel": CHANNEL}
    said = label if tapped else words(part(message, "text").get("body"))
    leaves = [Callback(f"{identity}:unsubscribed", "unsubscribed", reason=said, **common)] if is_opt_out(said) else []
    if tapped:
        return [Callback(identity, "clicked", reason=label, **common), *leaves]
    if kind in ("system", "unsupported", "unknown", "errors") or kind is None:
        raise Unusable(f"a message of the type {brief(kind)}: nobody wrote it")
    return leaves or [Callback(identity, "replied", **common)]


def _tapped(message, kind):
    """The label of the button or list entry tapped, and whether the message is such a tap."""
    if kind == "button":
        button = part(message, "button")
        return words(button.get("text")) or words(button.get("payload")), True
    if kind == "interactive":
        interactive = part(message, "interactive")
        chosen = part(interactive, "button_reply") or part(interactive, "list_reply") or part(interactive, "nfm_reply")
        return words(chosen.get("title")) or words(chosen.get("name")), True
    return None, False


def _preference(preference):
    """Marketing messages stopped or resumed: of the person, not of a message."""
    value, who = words(preference.get("value")), phone(preference.get("wa_id")) or words(preference.get("user_id"))
    kind = {"stop": "unsubscribed", "resume": "subscribed"}.get(value)
    if kind is None or who is None:
        raise Unusable(f"the preference {brief(value)} of {brief(who)} is not known")
    at = moment(preference.get("timestamp"))
    return [Callback(f"{who}:{value}:{at}", kind, None, who, at, channel=CHANNEL)]


_READ = (("statuses", _status), ("messages", _message), ("user_preferences", _preference))
