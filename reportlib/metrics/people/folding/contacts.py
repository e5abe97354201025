"""Contacts by number, and what is known of them by the numbers of the words: what the fold's people are grouped by.

Only blocks of rows that are others than before are read anew.
"""

from reportlib.metrics.people.fold.table import DESCRIBED, SCHEMA

BLOCK = "rowid // 122880"
# By table: what is kept of its rows, and which of that as the code of a word.
KEPT = {
    "contacts": ("fold_contacts", (*DESCRIBED, "created_at"), DESCRIBED),
    "contact_attributes": ("fold_attributes", ("attribute", "value"), ("value",)),
    "segment_members": ("fold_members", ("segment_id",), ()),
}


def empty_tables() -> list[str]:
    return [
        f"CREATE TABLE {SCHEMA}.fold_numbers AS SELECT contact_id, 0 AS number FROM main.contacts LIMIT 0",
        f"CREATE TABLE {SCHEMA}.fold_words (word VARCHAR, code INTEGER)",
        *[
            f"CREATE TABLE {SCHEMA}.{name} AS SELECT 0 AS number, "
            + ", ".join(f"0 AS {one}" if one in coded else one for one in columns)
            + f", 0::BIGINT AS block FROM main.{table} LIMIT 0"
            for table, (name, columns, coded) in KEPT.items()
        ],
    ]


def of_campaigns() -> list[str]:
    """The statements that number the contacts of `changed_campaigns`."""
    ids = "SELECT contact_id FROM main.messages WHERE campaign_id IN (FROM changed_campaigns)"
    return [_numbered("fold_numbers", "contact_id", "number", ids)]


def of_blocks() -> list[str]:
    """The statements that bring up to date what is known of contacts, given the rows of `changed_blocks`."""
    named = [f"main.{table} WHERE {_changed(table)}" for table in KEPT]
    said = " UNION ALL ".join(
        f"SELECT DISTINCT {one} AS word FROM main.{table} WHERE {_changed(table)}"
        for table, (_, _, coded) in KEPT.items()
        for one in coded
    )
    return [
        *[_numbered("fold_numbers", "contact_id", "number", f"SELECT contact_id FROM {rows}") for rows in named],
        _numbered("fold_words", "word", "code", said),
        *[statement for table in KEPT for statement in _anew(table)],
    ]


def _numbered(name, value, number, values):
    """Those of the values that have no number yet, with the next ones."""
    known = f"SELECT {value} FROM {SCHEMA}.{name}"
    return (
        f"INSERT INTO {SCHEMA}.{name} SELECT {value}, row_number() OVER () + "
        f"(SELECT coalesce(max({number}), 0) FROM {SCHEMA}.{name}) FROM (SELECT DISTINCT {value} FROM ({values}) "
        f"WHERE {value} IS NOT NULL AND {value} NOT IN ({known}))"
    )


def _anew(table):
    name, columns, coded = KEPT[table]
    kept = ", ".join(f"word_of_{one}.code" if one in coded else f"rows.{one}" for one in columns)
    joins = " ".join(f"LEFT JOIN {SCHEMA}.fold_words word_of_{one} ON word_of_{one}.word = rows.{one}" for one in coded)
    yield f"DELETE FROM {SCHEMA}.{name} WHERE block IN ({_blocks(table)})"
    yield (
        f"INSERT INTO {SCHEMA}.{name} SELECT n.number, {kept}, rows.{BLOCK} FROM main.{table} rows "
        f"JOIN {SCHEMA}.fold_numbers n USING (contact_id) {joins} WHERE rows.{_changed(table)}"
    )


def _changed(table):
    return f"{BLOCK} IN ({_blocks(table)})"


def _blocks(table):
    return f"SELECT block FROM changed_blocks WHERE of_table = '{table}'"
