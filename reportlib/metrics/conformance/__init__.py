"""Whether a database gives the same figures as DuckDB does of a copy of it.

`questions`: every public metric, put as questions. `sameness`: where two answers differ. `against_duckdb`: both asked
of a user's database.
"""
