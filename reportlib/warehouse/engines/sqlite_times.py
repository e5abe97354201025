"""Times in SQLite, which has no type for them: texts as the contract writes them, or numbers as other programs do."""

from sqlalchemy import func
from sqlalchemy.ext.compiler import compiles

from reportlib.warehouse.engines.constructs import at_epoch_ms, epoch_ms, latest_ms, sound, sound_ms, spelt

_MILLISECONDS_FROM = 100_000_000_000  # as seconds, the year 5138; as `callbacks.model` reads numbers


@compiles(epoch_ms, "sqlite")
def _epoch_ms(element, compiler, **kw):
    """A julian day is a whole number of milliseconds inside SQLite, and this close to its double; the usual first."""
    at = compiler.process(element.clauses, **kw)
    cut = f"substr({at}, 1, 23) || ltrim(substr({at}, 24), '0123456789')"  # to milliseconds; it would round
    return (
        f"CASE WHEN {at} GLOB '*.??????' THEN {_of_julian_day(f'substr({at}, 1, 23)')} WHEN typeof({at}) = 'text' THEN "
        + _of_julian_day(f"CASE WHEN substr({at}, 20, 1) = '.' THEN {cut} ELSE {at} END")
        + f" WHEN abs({at}) < {_MILLISECONDS_FROM} THEN CAST(round({at} * 1000) AS INTEGER)"
        f" ELSE CAST({at} AS INTEGER) END"
    )


@compiles(sound_ms, "sqlite")
def _sound_ms(element, compiler, **kw):
    at = compiler.process(element.clauses, **kw)
    usual = f"WHEN {at} GLOB '20[0-9][0-9]-*.??????' THEN {_of_julian_day(f'substr({at}, 1, 23)')}"
    return f"CASE {usual} WHEN {_is_sound(at)} THEN {compiler.process(epoch_ms(*element.clauses), **kw)} END"


def _is_sound(at: str) -> str:
    """By its first letters, or as a number of seconds or milliseconds."""
    within = " OR ".join(f"{at} >= {946_684_800 * of} AND {at} < {4_102_444_800 * of}" for of in (1, 1000))
    return f"({at} GLOB '20[0-9][0-9]-*' OR typeof({at}) <> 'text' AND ({within}))"


def _of_julian_day(text: str) -> str:
    return f"CAST(round((julianday({text}) - 2440587.5) * 86400000) AS INTEGER)"


@compiles(latest_ms, "sqlite")
def _latest_ms(element, compiler, **kw):
    return compiler.process(func.max(epoch_ms(*element.clauses)), **kw)


_PART = "(({} % 1000 + 1000) % 1000)"  # of the second, before 1970 too
_AT = f"(strftime('%Y-%m-%d %H:%M:%S', ({{}} - {_PART}) / 1000, 'unixepoch') || printf('.%03d000', {_PART}))"
spelt(at_epoch_ms, _AT, "sqlite")
spelt(sound, f"CASE WHEN {_is_sound('{}')} THEN {{}} END", "sqlite")
