"""What a next test would take, and who gets which arm of it."""
