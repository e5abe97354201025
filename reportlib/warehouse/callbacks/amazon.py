"""The envelopes in which Amazon's services hand events on, one in the other: SNS, SQS, Lambda, EventBridge, Kinesis.

Data Firehose hands on records, too: to an endpoint of HTTP, or to a function that transforms them.
"""

import base64
import binascii

import orjson

_DEEPEST = 8
_WRAPPED = ("Message", "body", "Body", "Sns", "detail", "kinesis")  # an event, or JSON of one
_PACKED = ("data", "Data")  # JSON of one in base64
_LISTS = ("Records", "Messages", "records")
# Of SNS, of EventBridge, of who listened, of Kinesis and Firehose.
_TIMES = ("Timestamp", "time", "received_at", "approximateArrivalTimestamp", "ApproximateArrivalTimestamp")


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
            held = [payload.get(name) for name in _WRAPPED] + [_unpacked(payload.get(name)) for name in _PACKED]
            inner = next((found for value in held if (found := _inner(value)) is not None), None)
            if inner is not None:
                return unwrapped(inner, depth + 1, told)
    if received_at is not None and isinstance(payload, dict):
        return [{"received_at": received_at, **payload}]
    return [payload]


def _unpacked(value) -> bytes | None:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else None
    except (binascii.Error, ValueError):
        return None


def _inner(value):
    """What is in an envelope; None where it holds no JSON, as a subscription to be confirmed does not."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str | bytes):
        return None
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict | list) and found else None
