"""The tables that reports are made from."""
