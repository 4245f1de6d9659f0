"""Databases that the log's conformance suite runs on. A new adapter joins by a class here."""

import os
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

from event_store_svc.sql import SqlStore
from event_store_svc.store import Clock, Store


class SqliteDatabase:
    """A file."""

    def __init__(self, folder: Path):
        self.url = f"sqlite:///{folder}/log.sqlite"

    def store(self, clock: Clock | None = None) -> Store:
        """A store on this database, as another process would have it."""
        return SqlStore(self.url, clock) if clock else SqlStore(self.url)

    def change_body(self, position: int, old: str, new: str):
        self._execute("UPDATE log_commits SET body = :body WHERE position = :position", position, old, new)

    def remove(self, position: int):
        self._execute("DELETE FROM log_commits WHERE position = :position", position)

    def drop(self):
        """Nothing: the folder goes with the test."""

    def _execute(self, statement: str, position: int, old: str = "", new: str = ""):
        engine = create_engine(self.url)
        with engine.begin() as connection:
            body = connection.scalar(text("SELECT body FROM log_commits WHERE position = :at"), {"at": position})
            changed = bytes(body).replace(old.encode(), new.encode())
            values = {"position": position, "body": changed}
            connection.execute(text(statement), values if ":body" in statement else {"position": position})
        engine.dispose()


class ServerDatabase(SqliteDatabase):
    """A database of its own on the server of `LOG_TEST_URL`, an SQLAlchemy URL of somebody who may create some."""

    def __init__(self, _folder: Path):
        self.name = f"log_{uuid4().hex}"
        self._on_server("CREATE DATABASE")
        url = make_url(os.environ["LOG_TEST_URL"]).set(database=self.name)
        self.url = url.render_as_string(hide_password=False)

    def drop(self):
        self._on_server("DROP DATABASE")

    def _on_server(self, statement: str):
        engine = create_engine(os.environ["LOG_TEST_URL"], isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"{statement} {self.name}"))
        engine.dispose()


DATABASES = [SqliteDatabase, *([ServerDatabase] if "LOG_TEST_URL" in os.environ else [])]
