"""What a control is for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A variable that is to have a control.

    Attributes
    ----------
    name : the variable
    kind : what its value is to the choices of others; those of campaigns have a control of their own
    offers : given the warehouse and the values of others by kind, what can be chosen: (label, value); None: it is typed
    read : given what was typed, the warehouse and the others, the value, without it the text; raises ReportError
    at_least : how many of a list have to be chosen before anything runs
    one_of : the kind of another variable whose values are all that it can be
    """

    name: str
    kind: str = ""
    offers: Callable[[Any, dict], Iterable[tuple[str, Any]]] | None = None
    read: Callable[[str, Any, dict], Any] = lambda text, warehouse, others: text
    at_least: int = 0
    one_of: str = ""
