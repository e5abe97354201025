"""Where the data is: the source contract, the connection, and the ways data gets in."""

from reportlib.warehouse.connection import open_warehouse
from reportlib.warehouse.warehouse import Warehouse

__all__ = ["Warehouse", "open_warehouse"]
