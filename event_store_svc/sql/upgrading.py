"""Migrates logs of earlier versions to the present tables, and refuses those of later versions."""

import structlog
from sqlalchemy import Connection, case, func, insert, inspect, select, text, update

from event_store_svc.compatibility import FORM, LaterForm
from event_store_svc.sql.tables import commits, form

logger = structlog.get_logger(__name__)

TOLD = "The log is of an earlier version, and is brought up to date now: all of it or nothing, so nothing can be lost."


def require_known_form(connection: Connection) -> None:
    """Raises: LaterForm."""
    found = connection.scalar(select(form.c.number)) if inspect(connection).has_table(form.name) else None
    if found is not None and found > FORM:
        raise LaterForm(found)


def keep_form(connection: Connection) -> None:
    """Store the log's present form, so that earlier versions refuse the log."""
    if connection.execute(update(form).values(number=FORM)).rowcount == 0:
        connection.execute(insert(form).values(only=1, number=FORM))


def upgrade(connection: Connection) -> None:
    """Migrate the log, once and atomically.

    Raises:
        ProgrammingError: another process has just migrated it.
    """
    if not _is_old(connection):
        return
    logger.warning(TOLD)
    connection.execute(text("ALTER TABLE log_commits RENAME COLUMN command_id TO command_key"))
    key = commits.c.command_key
    colon = (func.strpos if connection.dialect.name == "postgresql" else func.instr)(key, ":")
    turned = func.substr(key, colon + 1) + ":" + func.substr(key, 1, colon - 1)
    connection.execute(update(commits).values(command_key=case((colon > 0, turned), else_=key)))
    # It stored the versions of streams, which `log_events` has as well.
    connection.execute(text("DROP TABLE log_streams"))


def _is_old(connection: Connection) -> bool:
    """By a column: missing tables are recreated whenever an event store of an earlier version starts."""
    found = inspect(connection)
    return found.has_table(commits.name) and "command_id" in {c["name"] for c in found.get_columns(commits.name)}
