"""What the live monitor shows."""
