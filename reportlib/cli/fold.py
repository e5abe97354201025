"""After a command that writes: what reports read first is brought up to date."""

import os
from functools import wraps


def keep_fold_of(url: str | None):
    """Keep the fold of this database, or of CAMPAIGN_DATABASE_URL, where it is a DuckDB file."""
    from reportlib.warehouse.connection import ADDRESS_VARIABLE

    address = url or os.environ.get(ADDRESS_VARIABLE) or ""
    if address.startswith("duckdb:"):
        from reportlib.metrics.people.fold.keeping import keep_fold

        keep_fold(address)


def then_keep_fold(command):
    """A command, with the option `url`, that keeps the fold once it is done, whatever its exit code; not where it is
    stopped or refuses."""

    @wraps(command)
    def kept(**options):
        try:
            command(**options)
        except SystemExit:
            keep_fold_of(options["url"])
            raise
        keep_fold_of(options["url"])

    return kept
