"""What the review of one campaign shows."""
