"""Who is counted in a comparison, and at what age."""
