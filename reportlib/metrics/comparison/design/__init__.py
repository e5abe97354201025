"""How people came into the arms of a comparison, and what changed between these."""
