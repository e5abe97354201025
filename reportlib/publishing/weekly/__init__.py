"""The edition of a week."""
