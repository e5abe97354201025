"""A package that adds a provider, a platform and a kind of parameters to reportlib."""
