"""Files: read, checked, loaded."""
