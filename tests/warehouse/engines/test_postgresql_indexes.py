"""The indexes of docs/postgresql.md: every statement of a review of one campaign of a hundred, explained."""

import re
from itertools import compress

import nbformat
import psycopg
import pytest
from sqlalchemy import Engine, create_engine, event

from reportlib.warehouse.contract.tables import metadata
from tests import PROJECT

CAMPAIGN, LARGE = "c50", {"messages", "events"}
INDEXES = re.findall(r"^CREATE INDEX .*;$", (PROJECT / "docs" / "postgresql.md").read_text(), re.MULTILINE)
# A hundred campaigns of two thousand messages each, to three hundred thousand people.
ROWS = """
INSERT INTO accounts VALUES ('acme', 'Acme', 'America/Sao_Paulo');
INSERT INTO campaigns (campaign_id, account_id, name, status, started_at, completed_at)
  SELECT 'c' || n, 'acme', 'Campaign ' || n, 'completed', day, day + interval '2 hours'
  FROM generate_series(1, 100) AS n, LATERAL (SELECT timestamptz '2026-06-01 09:00Z' + n * interval '1 day' AS day) d;
INSERT INTO segments VALUES ('s', 'acme', 'Loyal');
INSERT INTO contacts (contact_id, account_id, country, carrier)
  SELECT 'p' || n, 'acme', (array['BR', 'DE', 'US'])[1 + n % 3], (array['Vivo', 'Claro'])[1 + n % 2]
  FROM generate_series(1, 300000) AS n;
INSERT INTO contact_attributes SELECT contact_id, 'plan', country FROM contacts;
INSERT INTO segment_members SELECT 's', contact_id FROM contacts WHERE country = 'BR';
INSERT INTO messages (message_id, campaign_id, contact_id, channel, status, queued_at, sent_at, delivered_at, failed_at,
    failure_code)
  SELECT 'm' || n, campaign_id, 'p' || 1 + n * 7 % 300000, (array['email', 'sms', 'whatsapp'])[1 + n % 3],
    (array['failed', 'delivered'])[1 + (n % 20 > 0)::integer], at, at, CASE WHEN n % 20 > 0 THEN at END,
    CASE WHEN n % 20 = 0 THEN at END, CASE WHEN n % 20 = 0 THEN '30005' END
  FROM generate_series(0, 199999) AS n JOIN campaigns ON campaign_id = 'c' || 1 + n / 2000,
    LATERAL (SELECT started_at + n % 2000 * interval '1 second' AS at) t;
INSERT INTO events (event_id, message_id, campaign_id, kind, occurred_at, is_machine)
  SELECT kind || message_id, message_id, campaign_id, kind, delivered_at + interval '10 minutes', false
  FROM messages, unnest(array['opened', 'clicked']) AS kind
  WHERE status = 'delivered' AND hashtext(message_id || kind) % 3 = 0"""


@pytest.fixture
def database(postgresql_url):
    """A connection to a large database without an index, to change as a test likes."""
    engine = create_engine(postgresql_url)
    metadata.create_all(engine)
    with psycopg.connect(postgresql_url.replace("+psycopg", "")) as connection:
        for statement in ROWS.split(";\n"):
            connection.execute(statement)
        connection.commit()
        connection.execute("ANALYZE")
        yield connection
    engine.dispose()


def reviewed(address, monkeypatch) -> list[tuple]:
    """Every statement that a review of CAMPAIGN asks, with its parameters."""
    asked, cells = [], {}
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", address)

    def listen(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        for cell in nbformat.read(PROJECT / "notebooks" / "post_campaign_review.ipynb", as_version=4).cells:
            if cell.cell_type == "code":
                exec(cell.source, cells)
                cells["campaign"] = CAMPAIGN
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
        cells["warehouse"].engine.dispose()
    return asked


def planned(database, statement, parameters) -> tuple[set, set]:
    """The tables that the statement would read whole, and the indexes that it would use."""
    (((plan,),),) = database.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
    nodes = list(_nodes(plan["Plan"]))
    whole = {node["Relation Name"] for node in nodes if node["Node Type"].endswith("Seq Scan")}
    used = {node["Index Name"] for node in nodes if "Index Name" in node}
    return whole, {name for name in used if not name.startswith("pg_")}  # the catalogue's: which columns there are


def _nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


@pytest.mark.slow
def test_a_review_reads_no_large_table_whole_and_uses_each_index(postgresql_url, database, monkeypatch):
    asked = reviewed(postgresql_url, monkeypatch)
    campaigns = {f"c{number}" for number in range(1, 101)}
    beyond = ("contact_id IN (SELECT", "last_failures")  # whether the same people failed in other campaigns, too
    is_of_one = [
        campaigns.intersection(parameters.values()) == {CAMPAIGN} and not any(words in statement for words in beyond)
        for statement, parameters in asked
    ]
    assert sum(is_of_one) > 5
    assert all(planned(database, *one)[0] & LARGE for one in compress(asked, is_of_one))
    for index in INDEXES:
        database.execute(index)
    database.execute("ANALYZE")
    plans = [(statement, *planned(database, statement, parameters)) for statement, parameters in asked]
    assert [statement for statement, whole, _ in compress(plans, is_of_one) if whole & LARGE] == []
    assert set().union(*(used for *_, used in plans)) == {index.split()[2] for index in INDEXES}
