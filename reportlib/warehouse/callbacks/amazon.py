"""The envelopes in which Amazon's services hand events on, one in the other: SNS, SQS, Lambda, EventBridge."""

import orjson

_DEEPEST = 8
_WRAPPED = ("Message", "body", "Body", "Sns", "detail")  # an event, or JSON of one
_LISTS = ("Records", "Messages")
_TIMES = ("Timestamp", "time", "received_at")  # of SNS, of EventBridge, of who listened


def unwrapped(payload, depth=0, received_at=None) -> list:
    """The events in a payload, at least one; what is no envelope is one itself.

    An event has the time of the innermost envelope that tells one as its received_at: two-way SMS know no other.
    """
    if depth < _DEEPEST:
        if isinstance(payload, list) and payload:
            return [event for one in payload for event in unwrapped(one, depth + 1, received_at)]
        if isinstance(payload, dict):
            told = next((at for name in _TIMES if (at := payload.get(name)) and not isinstance(at, dict)), received_at)
            for name in _LISTS:
                if isinstance(payload.get(name), list) and payload[name]:
                    return unwrapped(payload[name], depth, told)
            inner = next((found for name in _WRAPPED if (found := _inner(payload.get(name))) is not None), None)
            if inner is not None:
                return unwrapped(inner, depth + 1, told)
    if received_at is not None and isinstance(payload, dict):
        return [{"received_at": received_at, **payload}]
    return [payload]


def _inner(value):
    """What is in an envelope; None where it holds no JSON, as a subscription to be confirmed does not."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        return None
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict | list) and found else None
