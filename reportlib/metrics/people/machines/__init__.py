"""Which clicks and opens are people's: what the source flags, and rules for what it does not."""
