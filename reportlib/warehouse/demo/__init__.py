"""A demo warehouse whose truth is known: `plan` says what is true, the other modules draw rows from it."""

from reportlib.warehouse.demo.build import make_demo
from reportlib.warehouse.demo.plan import PLAN

__all__ = ["PLAN", "make_demo"]
