"""WhatsApp Business Cloud API webhooks, with the envelope or without it, as resellers forward them."""

from reportlib.warehouse.callbacks.model import Callback, Unusable, brief, moment, part, parts, phone, required, words
from reportlib.warehouse.callbacks.opt_outs import is_opt_out

READS = (
    "Cloud API webhooks, in their envelope or as resellers forward them: statuses, replies, taps, marketing preferences"
)
ALIASES = ("360dialog", "gupshup", "meta")
CHANNEL = "whatsapp"
_STATUSES = {"sent": "sent", "delivered": "delivered", "read": "opened", "played": "opened", "failed": "failed"}
_HELD = ("statuses", "messages", "user_preferences", "errors")
_REPLIES = (
    "text",
    "image",
    "audio",
    "voice",
    "video",
    "document",
    "sticker",
    "location",
    "contacts",
    "order",
    "reaction",
)
_PREFERENCES = {"stop": "unsubscribed", "resume": "subscribed"}
_DEEPEST = 8  # levels of an envelope that are looked through


def pieces(payload):
    """Each status, message, preference and error of a webhook, wherever in it, under the name of its list.

    A change that holds none of them, a template's state say, is a piece by itself.
    """
    return _alone(payload) or [piece for change in _changes(payload) for piece in _of_change(change)]


def callbacks(piece):
    """Of one status, one inbound message, or one change of a person's preferences."""
    for name, read in _READ:
        if found := parts(piece, name):
            return read(found[0])
    if "errors" in piece:
        raise Unusable("an error of the account: nothing about a message")
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
    if "messages" in value or "user_preferences" in value or "errors" in value or type(statuses) is not list:
        return None
    return [{"statuses": statuses}] if len(entries) == len(changes) == len(statuses) == 1 else None


def _changes(payload):
    """The changes in the envelope, or what comes without one."""
    if not isinstance(payload, dict) or not isinstance(payload.get("entry"), list) or not payload["entry"]:
        return [payload]
    found = []
    for entry in payload["entry"]:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        found += changes if isinstance(changes, list) and changes else [entry]
    return found


def _of_change(change):
    return list(_held(change, 0)) or [change]


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
    said, message = status.get("status"), required(status, "id")
    if type(said) is not str:
        said = required(status, "status")
    kind, about = _STATUSES.get(said), status.get("type")
    if about not in (None, "message"):
        raise Unusable(f"a status of the type {brief(about)}: not of a message")
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
    at = moment(status.get("timestamp"))
    if not status.get("pricing"):
        return [Callback(key, kind, message, recipient, at, code, reason)]
    category, billable = _charge(part(status, "pricing"))
    return [Callback(key, kind, message, recipient, at, code, reason, category=category, billable=billable)]


def _charge(pricing):
    """What a message is charged as: told once, with sent or with delivered. Before 2025 Meta told `billable` alone."""
    billable = pricing.get("billable")
    if billable is not True and billable is not False:
        kind = words(pricing.get("type"))
        billable = None if kind is None else kind == "regular"
    return words(pricing.get("category")), billable


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
    at = moment(message.get("timestamp"))
    common = {"message": about, "recipient": who, "at_ms": at, "channel": CHANNEL}
    if kind == "system":
        return [_system(identity, part(message, "system"), common)]
    label, marker, tapped = _tapped(message, kind)
    said = label if tapped else words(part(message, "text").get("body"))
    leaves = []
    if is_opt_out(said) or is_opt_out(marker):
        leaves = [Callback(f"{identity}:unsubscribed", "unsubscribed", reason=said, **common)]
    if tapped:
        return [Callback(identity, "clicked", reason=label, **common), *leaves]
    if kind not in _REPLIES:
        raise Unusable(f"a message of the type {brief(kind)}: no reply")
    return leaves or [Callback(identity, "replied", **common)]


def _tapped(message, kind):
    """The label of the button or list entry tapped, what the sender calls it, and whether the message is such a tap."""
    if kind == "button":
        button = part(message, "button")
        marker = words(button.get("payload"))
        return words(button.get("text")) or marker, marker, True
    if kind == "interactive":
        interactive = part(message, "interactive")
        chosen = part(interactive, "button_reply") or part(interactive, "list_reply") or part(interactive, "nfm_reply")
        return words(chosen.get("title")) or words(chosen.get("name")), words(chosen.get("id")), True
    return None, None, False


def _system(identity, system, common):
    """Without the setting's own webhook, WhatsApp tells of it so: the same words in every language."""
    kind = _PREFERENCES.get(words(system.get("marketing")))
    if kind is None:
        raise Unusable("a message of the type 'system': nobody wrote it")
    return Callback(identity, kind, **common)


def _preference(preference):
    """Marketing messages stopped or resumed: of the person, not of a message."""
    value, who = words(preference.get("value")), phone(preference.get("wa_id")) or words(preference.get("user_id"))
    kind = _PREFERENCES.get(value)
    if kind is None or who is None:
        raise Unusable(f"the preference {brief(value)} of {brief(who)} is not known")
    at = moment(preference.get("timestamp"))
    why = words(preference.get("detail")) if kind == "unsubscribed" else None
    return [Callback(f"{who}:{value}:{at}", kind, None, who, at, reason=why, channel=CHANNEL)]


_READ = (("statuses", _status), ("messages", _message), ("user_preferences", _preference))
