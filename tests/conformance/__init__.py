"""That every engine gives the same numbers: each is held against DuckDB, answer by answer."""
