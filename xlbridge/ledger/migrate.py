"""The tables of a ledger brought to those of this program (Alembic). The revisions are numbered texts: a greater one is newer."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

REVISION = "0001"


def revision_of(connection: Connection) -> str | None:
    """The revision of the tables; None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def upgrade(engine: Engine) -> None:
    """Create or migrate the tables, in one transaction."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        upgrade_within(connection)


def upgrade_within(connection: Connection) -> None:
    """Create or migrate the tables, in the transaction of `connection`."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
