"""That every engine gives the same numbers: SQLite and PostgreSQL are held against DuckDB, answer by answer."""
