"""What an account has learned: every experiment, and what goes with higher and lower response."""
