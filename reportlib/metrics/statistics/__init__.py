"""Rates, tests, limits: numbers in, numbers out."""
