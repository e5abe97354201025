"""Spark SQL through its Thrift server, to be read: `hive://host:10000/database`.

PyHive speaks the protocol. Its SQLAlchemy dialect is Hive's, and of 2023; what Spark and SQLAlchemy 2.1 have otherwise
is mended here.
"""

import logging
import re
from contextlib import suppress

from pyhive import hive
from pyhive.sqlalchemy_hive import HiveDialect
from sqlalchemy import types
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from TCLIService import ttypes
from thrift.Thrift import TException

from reportlib.warehouse.engines.constructs import at_epoch_ms, epoch_ms, row_hash, spelt
from reportlib.warehouse.engines.opening import only_read, shares_out

logging.getLogger("thrift").addHandler(logging.NullHandler())  # what it would print, the error says

# Of the session alone. Times without a zone are UTC; a backslash in a bound text is escaped, as PyHive does it.
_SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.parser.escapedStringLiterals": "false"}
_LOST = (TException, OSError, EOFError)
_SESSION_IS_OVER = "Invalid SessionHandle"
_TYPES = {
    "string": types.Text,
    "varchar": types.Text,
    "char": types.Text,
    "tinyint": types.SmallInteger,
    "smallint": types.SmallInteger,
    "int": types.Integer,
    "bigint": types.BigInteger,
    "float": types.Double,
    "double": types.Double,
    "decimal": types.Numeric,
    "boolean": types.Boolean,
    "timestamp": types.DateTime,
    "timestamp_ntz": types.DateTime,
}


class _Client:
    """A Thrift client whose failures, of the connection or of Spark, are errors of the driver, each a line."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        def asked(request):
            try:
                response = getattr(self._client, name)(request)
            except _LOST as error:
                raise hive.OperationalError(f"the connection was lost: {error or type(error).__name__}") from error
            if response.status.statusCode == ttypes.TStatusCode.ERROR_STATUS:
                raise _refusal(response)
            return response

        return asked


class _Connection(hive.Connection):
    def __init__(self, **options):
        try:
            super().__init__(**options)
        except _LOST as error:
            raise hive.OperationalError(str(error) or type(error).__name__) from error
        except (ValueError, NotImplementedError) as error:  # a password without auth=LDAP, an auth that there is not
            raise hive.ProgrammingError(str(error)) from None
        except hive.OperationalError as error:
            (response,) = error.args
            raise error if isinstance(response, str) else _refusal(response) from None
        with self.cursor() as cursor:
            for name, value in _SETTINGS.items():
                cursor.execute(f"SET {name}={value}")

    @property
    def client(self):
        return _Client(super().client)


class SparkCompiler(SQLCompiler):
    """Standard SQL: PyHive's own would count the dots in a column's name."""


class SparkDialect(HiveDialect):
    """PyHive's dialect of Hive, mended for Spark."""

    supports_statement_cache = True
    statement_compiler = SparkCompiler

    @classmethod
    def import_dbapi(cls):
        return hive

    def connect(self, *arguments, **options):
        return _Connection(*arguments, **options)

    def do_close(self, dbapi_connection):
        with suppress(hive.Error, *_LOST):  # of a session that was lost; there is nothing left to close
            dbapi_connection.close()

    def is_disconnect(self, e, connection, cursor):
        return isinstance(e.__cause__, _LOST) or _SESSION_IS_OVER in str(e)

    def get_table_names(self, connection, schema=None, **kw):
        """Of tables and views."""
        return [row.tableName for row in connection.exec_driver_sql("SHOW TABLES")]

    def has_table(self, connection, table_name, schema=None, **kw):
        return table_name in self.get_table_names(connection)

    def get_columns(self, connection, table_name, schema=None, **kw):
        if not self.has_table(connection, table_name):
            raise NoSuchTableError(table_name)
        name = self.identifier_preparer.quote_identifier(table_name)
        columns = {}
        for row in connection.exec_driver_sql(f"DESCRIBE {name}"):
            if not row.col_name or row.col_name.startswith("#"):  # from here on, columns told before: of partitions
                break
            kind = re.match(r"\w*", row.data_type)[0]
            columns[row.col_name] = _TYPES.get(kind, types.NullType)()
        return [{"name": name, "type": kind, "nullable": True, "default": None} for name, kind in columns.items()]


def _refusal(response) -> hive.Error:
    """What Spark said, in a line, without the names of the classes through which it went."""
    said = (response.status.errorMessage or str(response.status)).strip()
    found = re.search(r"\[[A-Z_.]+\](?!.*\[[A-Z_.]+\]).*", said)
    about_sql = "SQLSTATE: 42" in said  # a table or column that is not there
    return (hive.ProgrammingError if about_sql else hive.OperationalError)(found[0] if found else said.splitlines()[0])


@only_read.on("hive")
def _only_read(url):
    return "Spark"


@shares_out.on("hive")
def _shares_out(engine):
    return True


spelt(epoch_ms, "unix_millis({})", "hive")
spelt(at_epoch_ms, "timestamp_millis({})", "hive")


@compiles(row_hash, "hive")
def _row_hash(element, compiler, **kw):
    """Spark's own hash passes over NULL as if it were not there."""
    values = [compiler.process(column, **kw) for column in element.clauses]
    return f"xxhash64({', '.join(f'{value}, {value} IS NULL' for value in values)})"
