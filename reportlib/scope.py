"""Whose campaigns were asked about last: what is shown of them is in their account's brand, against their goals.

A notebook asks of one account, cell after cell, and what shows its frames is given frames only.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Scope:
    """An account's id as text; None for several of them, or none."""

    account_id: str | None = None


_latest = Scope()


def asked_of(account_ids: Iterable):
    """Note that campaigns of these accounts are asked about."""
    global _latest
    known = {str(one) for one in account_ids}
    _latest = Scope(known.pop() if len(known) == 1 else None)


def latest() -> Scope:
    """The scope of what was asked last; another one after each question."""
    return _latest
