"""Mutated payloads of every provider: no traceback, and nothing that is not imported, known or rejected.

HYPOTHESIS_PROFILE=explore tries a hundred thousand.
"""

import importlib
import json
import os
import random
from copy import deepcopy

import pytest

from reportlib.warehouse.callbacks.importing import import_callbacks
from reportlib.warehouse.callbacks.model import KINDS, named
from reportlib.warehouse.callbacks.payloads import decode
from reportlib.warehouse.callbacks.providers import PROVIDERS
from tests.warehouse.callbacks.imported import database_with, rows

PAYLOADS = 100_000 if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else 10_000
JUNK = (
    None,
    True,
    False,
    0,
    -1,
    7,
    1e308,
    2**63,
    "",
    " ",
    "1",
    "=1+1",
    "\x00\n\r\u2028",
    "é🌸\ud83c",
    "x" * 3_000,
    [],
    {},
)
JUNK = (*JUNK, [[]], {"id": {}}, "1700000000", 1700000000000, "2026-11-02T10:00:00Z", "Mon, 02 Nov 2026 10:00:00 +0000")


def places(value, found):
    """Each place in a payload: what holds it, and under which name or number."""
    for name in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        found.append((value, name))
        places(value[name], found)
    return found


def mutated(payload, chance) -> bytes:
    """The payload as a line, with values dropped, doubled, wrapped or replaced, or with its bytes damaged."""
    whole = [deepcopy(payload)]
    for _ in range(chance.randint(0, 3)):
        holder, name = chance.choice(places(whole, []))
        match chance.randrange(4):
            case 0 if holder is not whole:
                del holder[name]
            case 1:
                holder[name] = [holder[name]]
            case 2 if isinstance(holder, list):
                holder.append(deepcopy(holder[name]))
            case _:
                holder[name] = deepcopy(chance.choice(JUNK))
        if not whole:
            return b"[]"
    line = bytearray(json.dumps(whole[0]).encode())
    if chance.random() < 0.2:
        for _ in range(chance.randint(1, 3)):
            line[chance.randrange(len(line))] = chance.randrange(256)
    if chance.random() < 0.1:
        del line[chance.randrange(len(line)) :]
    return bytes(line).replace(b"\n", b" ").replace(b"\r", b" ").strip() or b"?"


def things_in(module, line) -> int:
    """How many callbacks a line has, counting what nothing can be made of as one."""
    try:
        pieces = module.pieces(decode(line))
    except Exception:
        return 1
    return sum(things_in_piece(module, piece) for piece in pieces) if pieces else 1


def things_in_piece(module, piece) -> int:
    try:
        return len(named(module.callbacks(piece)))
    except Exception:
        return 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_nothing_is_dropped_and_nothing_breaks(sqlite_url, tmp_path, provider):
    chance = random.Random(provider)
    documented = importlib.import_module(f"tests.warehouse.callbacks.test_{provider}").DOCUMENTED
    module = PROVIDERS[provider]
    ids = {
        callback.message
        for payload in documented
        for piece in module.pieces(payload)
        for callback in module.callbacks(piece)
        if callback.message
    }
    messages = [{"provider": provider, "provider_message_id": identity} for identity in sorted(ids)]
    url = database_with(sqlite_url, *messages)
    lines = [mutated(chance.choice(documented), chance) for _ in range(PAYLOADS // len(PROVIDERS))]
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(b"{}\n" + b"\n".join(lines))  # a whole payload first: one on each line
    summary = import_callbacks(provider, [str(feed)], url)
    assert summary.read == things_in(module, b"{}") + sum(things_in(module, line) for line in lines)
    assert summary.read == summary.imported + summary.duplicates + summary.rejected
    assert summary.imported == len(rows(url, "provider_events", "event_key")) > 0
    assert {kind for (kind,) in rows(url, "provider_events", "kind")} <= set(KINDS)
    rejected = {key for (key,) in rows(url, "rejected_events", "event_key")}
    assert 0 < len(rejected) <= summary.rejected == sum(summary.reasons.values())
