"""What happens to the messages of the demo that runs live: when each is handed over, and what its providers say of it.

Moments are seconds from the start at speed 1. There is half a minute in which the account cannot pay, and more than
a minute in which the providers say nothing of deliveries, so that a monitor has something to show.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from reportlib.warehouse.demo.campaigns import BR
from reportlib.warehouse.demo.plan import PLAN

SENDING_S, SETTLED_S = 240.0, 280.0  # when all is handed over, and when the campaign completes
BURST, STALL = (60.0, 90.0), (140.0, 215.0)
FLUSH_S = 15.0  # in which what was held back comes
BURST_RATE, BURST_CODE, BURST_REASON = 0.5, "131042", "Business eligibility payment issue"
WHATSAPP_SHARE = 0.75
DELAY_S, LONGEST_DELAY_S = 4.0, 35.0


@dataclass(frozen=True)
class Told:
    """One thing that a provider says of the message with this number: `kind` is sent, delivered or failed."""

    at_s: float
    number: int
    kind: str
    code: str = ""
    reason: str = ""


def channel_of(number: int) -> str:
    """The channel of a message."""
    return "whatsapp" if number * WHATSAPP_SHARE % 1 < WHATSAPP_SHARE else "sms"


def script(messages: int, seed: int = 1) -> list[Told]:
    """All that is said of so many messages, in the order in which it is said."""
    chance = random.Random(seed)
    told = [one for number in range(messages) for one in _of_message(number, messages, chance)]
    return sorted(told, key=lambda one: one.at_s)


def _of_message(number, messages, chance) -> Iterator[Told]:
    channel = channel_of(number)
    sent_s = SENDING_S * (number + chance.random()) / messages
    yield Told(sent_s, number, "sent")
    final_s = _held_back(sent_s + min(0.5 + chance.expovariate(1 / DELAY_S), LONGEST_DELAY_S), chance)
    if channel == "whatsapp" and BURST[0] <= sent_s < BURST[1] and chance.random() < BURST_RATE:
        yield Told(final_s, number, "failed", BURST_CODE, BURST_REASON)
        return
    lot = chance.random()
    for failure in _usual_failures(channel):
        if lot < failure.rate:
            yield Told(final_s, number, "failed", failure.code, failure.reason)
            return
        lot -= failure.rate
    if lot >= _never_heard_of(channel):
        yield Told(final_s, number, "delivered")


def _held_back(final_s, chance):
    return STALL[1] + FLUSH_S * chance.random() if STALL[0] <= final_s < STALL[1] else final_s


def _usual_failures(channel):
    return [
        failure
        for failure in PLAN.failures
        if (failure.account_id, failure.channel) == (BR, channel) and not failure.campaign and not failure.carrier
    ]


def _never_heard_of(channel) -> float:
    account = next(account for account in PLAN.accounts if account.account_id == BR)
    return next(one.pending for one in account.channels if one.channel == channel)


def payload(told: Told, identity: str, at: datetime) -> str:
    """What the provider of the message posts, as JSON: WhatsApp's status webhook, Twilio's Event Stream."""
    write = _whatsapp if channel_of(told.number) == "whatsapp" else _twilio
    return json.dumps(write(told, identity, at.astimezone(UTC)))


def _whatsapp(told, identity, at):
    status = {"id": identity, "status": told.kind, "timestamp": str(int(at.timestamp())), "recipient_id": "5511999"}
    if told.kind == "failed":
        status["errors"] = [{"code": int(told.code), "title": told.reason}]
    value = {"messaging_product": "whatsapp", "statuses": [status]}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}],
    }


def _twilio(told, identity, at):
    data = {"messageSid": identity, "to": "+5511999", "timestamp": at.isoformat()}
    if told.kind == "failed":
        data |= {"errorCode": int(told.code), "errorMessage": told.reason}
    name = "undelivered" if told.kind == "failed" else told.kind
    return {"id": f"EV{identity}{name}", "type": f"com.twilio.messaging.message.{name}", "data": data}
