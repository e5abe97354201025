"""Where the data is: the source contract, the connection, and the ways data gets in."""

from reportlib.warehouse.connection import Warehouse, open_warehouse

__all__ = ["Warehouse", "open_warehouse"]
