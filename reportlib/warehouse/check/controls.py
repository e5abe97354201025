"""Whether a text has control characters, in the words of each engine: SQL has no common ones."""

from sqlalchemy import Boolean

from reportlib.warehouse.engines.constructs import Construct, spelt


class has_controls(Construct):  # noqa: N801
    """The condition that a text holds a character that no text needs: NUL, escapes, line breaks."""

    type = Boolean()


_SQLITE = "({} GLOB '*[' || char(1) || '-' || char(31) || char(127) || ']*' OR instr({}, char(0)) > 0)"

spelt(has_controls, "1 = 0")
spelt(has_controls, r"regexp_matches({}, '[\x00-\x1f\x7f]')", "duckdb")
spelt(has_controls, "({} ~ '[[:cntrl:]]')", "postgresql")
spelt(has_controls, r"({} RLIKE '\\p{Cntrl}')", "hive")
spelt(has_controls, _SQLITE, "sqlite")
