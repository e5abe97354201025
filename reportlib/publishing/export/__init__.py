"""Figures and lists as files."""
