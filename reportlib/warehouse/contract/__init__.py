"""The tables that reports are made from, and their rules."""
