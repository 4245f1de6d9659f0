"""Logs that an earlier version made, brought to today's tables."""

from sqlalchemy import Connection, case, func, inspect, text, update

from event_store_svc.sql.tables import commits


def upgrade(connection: Connection) -> None:
    """Once for each log; all of it, or nothing.

    Raises:
        ProgrammingError: another process has just done it.
    """
    if not _is_old(connection):
        return
    connection.execute(text("ALTER TABLE log_commits RENAME COLUMN command_id TO command_key"))
    key = commits.c.command_key
    colon = (func.strpos if connection.dialect.name == "postgresql" else func.instr)(key, ":")
    turned = func.substr(key, colon + 1) + ":" + func.substr(key, 1, colon - 1)
    connection.execute(update(commits).values(command_key=case((colon > 0, turned), else_=key)))
    # It kept the versions of streams, which `log_events` tells as well.
    connection.execute(text("DROP TABLE log_streams"))


def _is_old(connection: Connection) -> bool:
    """By a column: tables that are missing come back whenever an event store of an earlier version starts."""
    found = inspect(connection)
    return found.has_table(commits.name) and "command_id" in {c["name"] for c in found.get_columns(commits.name)}
