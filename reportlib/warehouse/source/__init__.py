"""Files: what is in them, read strictly and checked."""
