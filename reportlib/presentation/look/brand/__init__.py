"""Whose report it is: name, logo, colour, contact, goals, and how its readers write numbers and dates."""
