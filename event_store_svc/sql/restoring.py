"""Restores a log from a backup in SQL. Each step is one transaction."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, insert, select, update

from event_store_svc.domain import Link
from event_store_svc.restoring import Restoration, name_of, still_to_add
from event_store_svc.sql import tables
from event_store_svc.sql.commits import tail_of, write_links
from shop.contracts.wire import KeptLetter


def look(connection: Connection) -> str:
    """The log's name for subscriptions."""
    return name_of(_log_id(connection), _restoration(connection))


def restore(connection: Connection, copied_id: str, links: Sequence[Link]) -> None:
    """Raises: LogNotEmpty, InvalidRequest."""
    log_id, restoration = _log_id(connection), _restoration(connection)
    fresh = still_to_add(links, tail_of(connection, log_id), restoration, log_id=log_id, copied_id=copied_id)
    if restoration is None:
        begun = Restoration.begun()
        connection.execute(update(tables.log).values(id=copied_id))
        connection.execute(insert(tables.restoration).values(only=1, mark=begun.mark, under_way=begun.under_way))
    if fresh:
        write_links(connection, fresh)


def end_restore(connection: Connection, checkpoints: Mapping[str, int], letters: Sequence[KeptLetter]) -> None:
    restoration = _restoration(connection)
    if restoration is None or not restoration.under_way:
        return
    connection.execute(delete(tables.checkpoints))
    connection.execute(delete(tables.dead_letters))
    if checkpoints:
        rows = [{"name": name, "position": position} for name, position in checkpoints.items()]
        connection.execute(insert(tables.checkpoints), rows)
    for letter in letters:
        # New ids: the database's sequence would not know the old ones.
        columns = {name: value for name, value in letter.items() if name != "id"}
        connection.execute(insert(tables.dead_letters).values(columns))
    connection.execute(update(tables.restoration).values(under_way=False))


def _log_id(connection: Connection) -> str:
    return str(connection.scalars(select(tables.log.c.id)).one())


def _restoration(connection: Connection) -> Restoration | None:
    row = connection.execute(select(tables.restoration.c.mark, tables.restoration.c.under_way)).one_or_none()
    return Restoration(row.mark, row.under_way) if row else None
