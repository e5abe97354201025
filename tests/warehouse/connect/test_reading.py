"""What is asked of a platform's database: plain SELECTs, by a session that cannot write and waits for nobody."""

import pytest
import sqlglot
from snowflake.sqlalchemy.snowdialect import SnowflakeDialect
from sqlalchemy import BigInteger, DateTime, String, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy_bigquery import BigQueryDialect

from reportlib.errors import WarehouseError
from reportlib.warehouse.connect.layout import Place
from reportlib.warehouse.connect.listing import names, platform
from reportlib.warehouse.connect.opening import open_source, reading
from reportlib.warehouse.connect.reading import statement
from reportlib.warehouse.connect.run import connect_platform
from tests.warehouse.connect.filling import utc
from tests.warehouse.connect.population import MONDAY, population
from tests.warehouse.connect.test_mautic import fill

TYPES = {"TIMESTAMP": DateTime(), "BIGINT": BigInteger()}
COMPILED = {"snowflake": SnowflakeDialect(), "bigquery": BigQueryDialect()}  # compiled, not run


def anywhere(extract, schema="synced"):
    """A place where an extract's table is, with all its columns."""
    columns = {name: TYPES.get(kind, String()) for name, kind in extract.types.items()}
    return Place(schema, "", {extract.name: columns})


@pytest.mark.parametrize("dialect", COMPILED)
def test_warehouses_that_are_not_here_would_understand_what_is_asked(dialect):
    for name in names():
        for extract in platform(name).extracts:
            for since in (None, utc(MONDAY)):
                asked = statement(extract, anywhere(extract), since)
                sql = str(asked.compile(dialect=COMPILED[dialect], compile_kwargs={"literal_binds": True}))
                (parsed,) = sqlglot.parse(sql, dialect=dialect)
                assert parsed.key == "select"
                assert not list(parsed.find_all(sqlglot.exp.Join, sqlglot.exp.AggFunc, sqlglot.exp.Anonymous))
                assert {column.name for column in parsed.selects} == set(extract.types)
                assert bool(parsed.args.get("where")) == bool(extract.only or (since and extract.changed))


@pytest.fixture
def mautic(mariadb_server, mariadb_database):
    """The address of a filled Mautic, of a user who may only read it."""
    with mariadb_server.connect(mariadb_database) as connection, connection.cursor() as cursor:
        fill(cursor, population())
        cursor.execute("CREATE OR REPLACE USER reader@'127.0.0.1' IDENTIFIED BY 'reading-only'")
        cursor.execute(f"GRANT SELECT ON {mariadb_database}.* TO reader@'127.0.0.1'")
        yield cursor, mariadb_server.address(mariadb_database, "reader", "reading-only")
        cursor.execute("DROP USER reader@'127.0.0.1'")


def test_a_role_that_can_only_read_is_enough(mautic, tmp_path):
    summary = connect_platform("mautic", mautic[1], f"duckdb:///{tmp_path / 'a.duckdb'}")
    assert summary.there["messages"] == 1 + sum(len(campaign.mails) for campaign in population().campaigns)


def test_a_table_that_may_not_be_read_is_one_that_is_not_seen(mautic, mariadb_database, tmp_path):
    mautic[0].execute(f"REVOKE ALL ON {mariadb_database}.* FROM reader@'127.0.0.1'")
    mautic[0].execute(f"GRANT SELECT ON {mariadb_database}.mtc_emails TO reader@'127.0.0.1'")
    with pytest.raises(WarehouseError, match="may this user read these tables"):
        connect_platform("mautic", mautic[1], f"duckdb:///{tmp_path / 'a.duckdb'}")


@pytest.mark.parametrize("server", ["mariadb", "postgresql"])
def test_a_session_cannot_write_whatever_its_user_may(server, request, postgresql_url):
    if server == "mariadb":
        source = request.getfixturevalue("mariadb_server").address(request.getfixturevalue("mariadb_database"))
    else:
        source = postgresql_url
    owner = create_engine(source.replace("mysql://", "mysql+pymysql://"))
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE written (n int)"))
    owner.dispose()
    engine = open_source(source)
    with pytest.raises(DBAPIError, match=r"(?i)read.only"), engine.connect() as connection:
        connection.execute(text("INSERT INTO written VALUES (1)"))
    engine.dispose()


def test_a_statement_that_takes_too_long_is_given_up(postgresql_url, monkeypatch):
    monkeypatch.setenv("REPORTLIB_STATEMENT_TIMEOUT", "200ms")
    engine = open_source(postgresql_url)
    with (
        pytest.raises(WarehouseError, match="stopped a statement: allow it more with REPORTLIB_STATEMENT_TIMEOUT"),
        reading(engine, "listmonk") as connection,
    ):
        connection.execute(text("SELECT pg_sleep(5)"))
    engine.dispose()


def test_mariadb_is_given_a_limit_of_its_own(mariadb_server, mariadb_database):
    engine = open_source(mariadb_server.address(mariadb_database))
    with (
        pytest.raises(WarehouseError, match="stopped a statement that took too long"),
        reading(engine, "Mautic") as connection,
    ):
        assert connection.execute(text("SELECT @@max_statement_time")).scalar() == 600
        connection.execute(text("SET max_statement_time = 0.2"))
        connection.execute(text("SELECT sleep(5) FROM information_schema.tables"))
    engine.dispose()
