"""Spark, on a cluster of processes of its own: the same answers, and nothing but answers.

Not collected where Java or Spark is missing (`make spark`). A question, of one of the random databases, and what
engines spell differently; `make conformance-spark` asks all of each, and kills one of two workers meanwhile.
"""

import os
import signal

import pandas as pd
import pytest
from pyhive import hive
from sqlalchemy import select

from reportlib.errors import DatabaseUnavailable, WarehouseError
from reportlib.metrics.conformance.questions import QUESTIONS, answers
from reportlib.metrics.conformance.sameness import first_difference
from reportlib.metrics.selection.campaigns import portions, select_campaigns
from reportlib.publishing.export.messages import write_detailed
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.check.check import check_warehouse
from reportlib.warehouse.connection import connect
from reportlib.warehouse.contract.tables import OPTIONAL, TABLES, campaigns, messages
from reportlib.warehouse.fingerprint import data_fingerprints
from tests import few
from tests.conformance import test_constructs
from tests.conformance.conftest import ALL, kind_of
from tests.parquet_files import write_parquet
from tests.scale.data import CAMPAIGN, as_parquet, build, into_spark
from tests.scale.test_figures import check_figures
from tests.small_database import campaign, small_database
from tests.spark_cluster import spark_cluster
from tests.test_documents import fenced

USUAL = "letters beyond ASCII"
HANDFUL = ("measured", "accounts", "campaign_verdicts")
OWN = [name for name in test_constructs.TABLE if hasattr(test_constructs, name)]  # named as what spells them


@pytest.fixture(scope="module")
def cluster():
    with spark_cluster(workers=2 if ALL else 1) as found:
        yield found


@pytest.fixture(scope="module")
def session(cluster):
    """A session of the driver's own, to make databases with."""
    with hive.connect("127.0.0.1", cluster.port) as connection, connection.cursor() as cursor:
        yield cursor


@pytest.fixture(scope="module")
def on_spark(everywhere, cluster, session, tmp_path_factory):
    """The random databases that Spark has too, as tables over Parquet files."""
    chosen = [one for one in everywhere if ALL or kind_of(one.database) == USUAL]
    for number, one in enumerate(chosen):
        folder = tmp_path_factory.mktemp("spark")
        opened_ms = write_parquet(one.database, folder)
        session.execute(f"CREATE DATABASE random_{number}")
        for table in TABLES:
            session.execute(f"CREATE TABLE random_{number}.{table} USING parquet LOCATION '{folder / table}'")
        one.warehouses["hive"] = open_warehouse(cluster.address(f"random_{number}"))
        one.warehouses["hive"].opened_ms = opened_ms
    return chosen


@pytest.mark.parametrize("name", QUESTIONS if ALL else few(HANDFUL))
def test_the_answers_are_the_same(on_spark, cluster, name):
    if ALL and name == "failures":  # a third through
        os.killpg(cluster.processes["worker1"].pid, signal.SIGKILL)
    for one in on_spark:
        assert not first_difference(answers(one.warehouses["hive"], one.subject, name), one.expected(name)), (
            one.database
        )


@pytest.fixture(scope="module")
def connection(cluster):
    engine = open_warehouse(cluster.address()).engine
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize("name", few(sorted(test_constructs.TABLE, key=OWN.__contains__, reverse=True), len(OWN)))
def test_what_comes_out(connection, name):
    test_constructs.check_construct(connection, name)


def test_row_hash(connection):
    test_constructs.check_row_hash(connection)


@pytest.mark.slow
def test_one_row_per_message_is_exported(on_spark, tmp_path):
    lines = {}
    for engine, warehouse in (("duckdb", on_spark[0].reference), ("hive", on_spark[0].warehouses["hive"])):
        write_detailed(warehouse, None, tmp_path / f"{engine}.csv")
        lines[engine] = sorted((tmp_path / f"{engine}.csv").read_text().splitlines())
    assert lines["hive"] == lines["duckdb"]


@pytest.mark.slow
def test_sql_by_hand_finds_the_same_figures(cluster, tmp_path):
    """What the benchmark of scale compares."""
    build(tmp_path / "scale.duckdb", messages=6_000, largest=4_000)
    as_parquet(tmp_path / "scale.duckdb", tmp_path / "folder")
    into_spark(tmp_path / "folder", cluster.address("scale"))
    check_figures(cluster.address("scale"), *[] if ALL else [(CAMPAIGN,)])


@pytest.mark.slow
def test_a_campaign_is_known_by_its_fingerprint(on_spark, cluster):
    one, other = on_spark[0].subject.campaigns[:2]
    warehouses = [on_spark[0].warehouses["hive"], open_warehouse(cluster.address("random_0"))]
    marks = [data_fingerprints(warehouse, [one, other]) for warehouse in warehouses]
    assert marks[0] == marks[1]
    assert len({marks[0][str(campaign)] for campaign in (one, other)}) == 2


def test_check_finds_what_is_missing(cluster, session):
    session.execute("CREATE DATABASE lacking")
    session.execute("CREATE VIEW lacking.accounts AS SELECT 1 AS account_id, 'A' AS name, true AS timezone")
    lacking = open_warehouse(cluster.address("lacking"))
    found = check_warehouse(lacking)
    assert set(found.loc[found["problem"] == "the table is missing", "table"]) == TABLES.keys() - {
        "accounts",
        *OPTIONAL,
    }
    assert "the column timezone has the wrong type" in found["problem"].tolist()
    with pytest.raises(WarehouseError, match=r"lacks something .* `reportlib check` lists"):
        lacking.sql(select(messages.c.message_id))


def test_texts_are_texts_whatever_is_in_them(on_spark):
    """Bound by the driver, inside quotes: a name must not end them."""
    awkward = ["' OR '1'='1", "\\' OR 1=1 --", "%s", "\n\t\\", "🎉`"]
    assert on_spark[0].warehouses["hive"].sql(select(campaigns.c.name).where(campaigns.c.name.in_(awkward))).empty


def test_campaigns_are_asked_about_all_at_once(on_spark, monkeypatch):
    monkeypatch.setitem(portions.__globals__, "PORTION", 1)
    warehouses, ids = on_spark[0].warehouses, select_campaigns(on_spark[0].reference)["campaign_id"].tolist()
    assert len(ids) > 1
    assert portions(warehouses["hive"], ids) == [ids]
    assert len(portions(on_spark[0].reference, ids)) > 1


def test_nothing_is_written(cluster):
    with pytest.raises(WarehouseError, match=r"is Spark, which is only read"):
        connect(cluster.address())


def test_a_lost_session_is_asked_again(cluster, session, on_spark):
    """By SQLAlchemy's pool the connection is made anew: once it is known to be lost."""
    warehouse = open_warehouse(cluster.address("random_0"))
    with warehouse.engine.connect() as connection:
        connection.connection.driver_connection._transport.close()
    assert len(warehouse.sql(select(campaigns.c.campaign_id))) == len(on_spark[0].database.campaigns)


def test_who_does_not_answer_is_told_in_a_line(cluster):
    with pytest.raises(DatabaseUnavailable, match=r"hive://127.0.0.1:1/x does not answer"):
        open_warehouse("hive://127.0.0.1:1/x")
    with pytest.raises(WarehouseError, match=r"there is no database at .*SCHEMA_NOT_FOUND") as refused:
        open_warehouse(cluster.address("nowhere"))
    assert "\n" not in str(refused.value)
    with pytest.raises(WarehouseError, match=r"refuses this user or password; .*LDAP") as refused:
        open_warehouse("hive://ann:s3cret@127.0.0.1:1/x")
    assert "s3cret" not in str(refused.value)


@pytest.mark.slow
def test_partitioned_tables_as_the_docs_make_them(cluster, session, tmp_path):
    """Ids that look like numbers stay the texts they are in the other files."""
    database = small_database(campaign("007", audience=3).sent(3).delivered(2, opened=1))
    write_parquet(database, tmp_path, by_campaign=True)
    session.execute("CREATE DATABASE partitioned")
    session.execute("USE partitioned")
    for statement in documented_tables(tmp_path):
        session.execute(statement)
    session.execute("USE default")
    session.execute("SET spark.sql.sources.partitionColumnTypeInference.enabled=true")
    found = open_warehouse(cluster.address("partitioned")).sql(select(messages.c.campaign_id).distinct())
    assert found.equals(pd.DataFrame({"campaign_id": ["007"]}))


def documented_tables(folder):
    (block,) = fenced("many_machines.md", "sql")
    return [one.strip() for one in block.replace("/data/campaigns", str(folder)).split(";") if one.strip()]
