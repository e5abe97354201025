"""The SQL behind a figure: what a database was asked, as SQL that can be asked again, and how long it took."""

import os
import re
import sys
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.exc import CompileError

LOG_VARIABLE = "REPORTLIB_LOG"  # sql: each statement on stderr once it is answered
_MOVES_THE_CURSOR = re.compile(r"[^\n\x20-\x7e\xa0-\U0010ffff]")


@dataclass(frozen=True)
class Asked:
    """A statement that a database has answered.

    Attributes
    ----------
    seconds : float
        Until the last of its rows was there.
    rows : int
        How many it answered.
    """

    seconds: float
    rows: int
    _select: ClauseElement = field(repr=False)
    _dialect: Dialect = field(repr=False)
    _schemas: dict | None = field(default=None, repr=False)  # in the stead of others

    @cached_property
    def statement(self) -> str:
        """The SQL with its values in it, as the engine's own client takes it; what SQL cannot write stands behind it.

        Control characters, which a name in the database may have, are written as their escapes.
        """
        try:
            values = {"literal_binds": True, "render_postcompile": True}
            text = str(self._compiled(values))
        except (CompileError, NotImplementedError):  # a value that has no literal
            compiled = self._compiled({"render_postcompile": True})
            text = f"{compiled}\n-- {compiled.params}"
        if self._dialect.paramstyle in ("format", "pyformat"):
            text = text.replace("%%", "%")  # doubled for the driver
        return _MOVES_THE_CURSOR.sub(lambda found: ascii(found[0])[1:-1], text)

    def _compiled(self, values: dict):
        schemas: dict[str, Any] = {}
        if self._schemas:
            schemas = {"schema_translate_map": self._schemas, "render_schema_translate": True}
        return self._select.compile(dialect=self._dialect, compile_kwargs=values, **schemas)

    def __repr__(self):
        return f"{self.statement};\n-- {self.rows:,} rows in {self.seconds:.3f} s\n"


def log(asked: Asked):
    """Print it to stderr where REPORTLIB_LOG says so."""
    if os.environ.get(LOG_VARIABLE) == "sql":
        print(repr(asked), file=sys.stderr)
