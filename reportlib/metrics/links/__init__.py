"""Which links and buttons people followed."""
