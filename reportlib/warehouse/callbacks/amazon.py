"""The envelopes in which Amazon's services hand events on, one in the other: SNS, SQS, Lambda, EventBridge."""

import orjson

_DEEPEST = 8
_WRAPPED = ("Message", "body", "Body", "Sns", "detail")  # an event, or JSON of one
_LISTS = ("Records", "Messages")


def unwrapped(payload, depth=0) -> list:
    """The events in a payload, at least one; what is no envelope is one itself."""
    if depth < _DEEPEST:
        if isinstance(payload, list) and payload:
            return [event for one in payload for event in unwrapped(one, depth + 1)]
        if isinstance(payload, dict):
            for name in _LISTS:
                if isinstance(payload.get(name), list) and payload[name]:
                    return unwrapped(payload[name], depth)
            inner = next((found for name in _WRAPPED if (found := _inner(payload.get(name))) is not None), None)
            if inner is not None:
                return unwrapped(inner, depth + 1)
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
