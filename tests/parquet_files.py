"""A database as a folder of Parquet files."""

from pathlib import Path

from tests.small_database import SmallDatabase, fill, in_memory_engine

OF_CAMPAIGNS = ("messages", "events")


def write_parquet(database: SmallDatabase, folder: Path, by_campaign: bool = False) -> int:
    """Each table as a folder of files; messages and events in one for each campaign. When it was opened, in ms."""
    engine = in_memory_engine()
    warehouse = fill(engine, database)
    with engine.connect() as connection:
        for name, rows in database.rows().items():
            if by_campaign and name in OF_CAMPAIGNS and rows:
                connection.exec_driver_sql(
                    f"COPY {name} TO '{folder / name}' (FORMAT parquet, PARTITION_BY campaign_id)"
                )
            else:
                (folder / name).mkdir()
                connection.exec_driver_sql(f"COPY {name} TO '{folder / name / 'rows.parquet'}'")
    engine.dispose()
    return warehouse.opened_ms
