"""Mix or behaviour: whether a gap is of who was there, or of what they did."""
