"""Snapshots in SQL."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Connection, and_, delete, insert, or_, select

from event_store_svc.sql.database import SqlLogDatabase
from event_store_svc.sql.tables import snapshots
from shop.contracts.wire import SnapshotWire


class SqlSnapshots:
    """Implements `store.Snapshots`."""

    def __init__(self, database: SqlLogDatabase) -> None:
        self._database = database

    def keep(self, kept: Sequence[SnapshotWire]) -> None:
        def work(connection: Connection) -> None:
            for snapshot in kept:
                same = delete(snapshots).where(snapshots.c.stream == snapshot["stream"])
                connection.execute(same.where(snapshots.c.version == snapshot["version"]))
                connection.execute(insert(snapshots).values(**snapshot))

        self._database.write(work)

    def latest(self, stream: str, form: str, at_most: int) -> SnapshotWire | None:
        of_form = select(snapshots).where(snapshots.c.stream == stream, snapshots.c.form == form)
        wanted = of_form.where(snapshots.c.version <= at_most).order_by(snapshots.c.version.desc()).limit(1)
        row = self._database.read(lambda connection: connection.execute(wanted).mappings().one_or_none())
        return cast(SnapshotWire, dict(row)) if row else None

    def after(self, stream: str, version: int, limit: int) -> Sequence[SnapshotWire]:
        later = or_(snapshots.c.stream > stream, and_(snapshots.c.stream == stream, snapshots.c.version > version))
        wanted = select(snapshots).where(later).order_by(snapshots.c.stream, snapshots.c.version).limit(limit)
        rows = self._database.read(lambda connection: connection.execute(wanted).mappings().all())
        return [cast(SnapshotWire, dict(row)) for row in rows]
