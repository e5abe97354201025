"""What engines do each in its own way: functions that have an implementation per engine, as `compiles` has it for SQL.

    @by_engine
    def gather_statistics(connection, tables):      # of an engine whose file says nothing else
        ...

    @gather_statistics.on("duckdb")                 # in the file of that engine
    def _gather_statistics(connection, tables):
        ...

The first argument tells the engine: a connection, an Engine, an address, or the name.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from importlib import import_module
from typing import NamedTuple, ParamSpec, Protocol, TypeVar, cast

from sqlalchemy import URL

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer", covariant=True)
Function = TypeVar("Function", bound=Callable)


class Known(NamedTuple):
    """An engine: its file in this folder, how an address of it looks, and the SQLAlchemy dialect that its file has."""

    file: str
    address: str
    dialect: str = ""


ENGINES = {  # by the names that addresses begin with
    "duckdb": Known("duckdb", "duckdb:////path/to/file.duckdb"),
    "postgresql": Known("postgresql", "postgresql+psycopg://user@host/database"),
    "sqlite": Known("sqlite", "sqlite:////path/to/file.db"),
    "parquet": Known("parquet", "parquet:////path/to/folder", "ParquetDialect"),
    "hive": Known("spark", "hive://host:10000/database", "SparkDialect"),
}


class ByEngine(Protocol[Arguments, Answer]):
    """A function of an engine and more; `on(name)` makes another its implementation for that engine."""

    def __call__(self, *arguments: Arguments.args, **named: Arguments.kwargs) -> Answer: ...

    def on(self, name: str) -> Callable[[Function], Function]: ...


def by_engine(standard: Callable[Arguments, Answer]) -> ByEngine[Arguments, Answer]:
    """The function, with `on(name)`, which makes another the implementation for an engine."""
    own: dict[str, Callable] = {}

    @wraps(standard)
    def asked(engine, *arguments):
        name = _name(engine)
        load(name)
        return own.get(name, standard)(engine, *arguments)

    def on(name: str):
        def taken(function):
            own[name] = function
            return function

        return taken

    asked.on = on  # type: ignore[attr-defined]
    return cast(ByEngine[Arguments, Answer], asked)


def load(name: str):
    """Have an engine's file say what is its own. What else it needs may not be installed: opening a database tells."""
    if name in ENGINES:
        with suppress(ModuleNotFoundError):
            import_module(f"{__package__}.{ENGINES[name].file}")


def _name(engine) -> str:
    if isinstance(engine, str):
        return engine
    if isinstance(engine, URL):
        return engine.get_backend_name()
    return getattr(engine, "dialect", engine).name
