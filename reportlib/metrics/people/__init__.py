"""What became of people: the ledger, what they did, in groups and over time."""
