"""Databases that the log's conformance suite runs on. A new adapter joins by a class here."""

from pathlib import Path
from uuid import uuid4

import pytest
from pymongo import MongoClient
from sqlalchemy import NullPool, create_engine, text

from event_store_svc.mongodb import MongoStore
from event_store_svc.sql import SqlStore
from event_store_svc.store import Clock, LogStorage
from tests.servers.mongodb import MongoDB
from tests.servers.postgresql import PostgreSQL


def store_on(url: str, clock: Clock | None = None) -> LogStorage:
    """A store on this database, as another process would have it."""
    kind = MongoStore if url.startswith("mongodb") else SqlStore
    return kind(url, clock) if clock else kind(url)


class SqlDatabase:
    """With transactions: a checkpoint moves in the one of its commits."""

    has_transactions = True

    def __init__(self, url: str):
        self.url = url

    def store(self, clock: Clock | None = None) -> LogStorage:
        return store_on(self.url, clock)

    def change_body(self, position: int, old: str, new: str):
        with self._connected() as connection:
            body = connection.scalar(text("SELECT body FROM log_commits WHERE position = :at"), {"at": position})
            changed = {"at": position, "body": bytes(body).replace(old.encode(), new.encode())}
            connection.execute(text("UPDATE log_commits SET body = :body WHERE position = :at"), changed)

    def remove(self, position: int):
        with self._connected() as connection:
            connection.execute(text("DELETE FROM log_commits WHERE position = :at"), {"at": position})

    def _connected(self):
        return create_engine(self.url, poolclass=NullPool).begin()


class MongoDatabase:
    """Without transactions: a checkpoint moves after its commits."""

    has_transactions = False

    def __init__(self, url: str):
        self.url = url

    def store(self, clock: Clock | None = None) -> LogStorage:
        return store_on(self.url, clock)

    def change_body(self, position: int, old: str, new: str):
        with MongoClient(self.url) as client:
            commits = client.get_default_database()["log_commits"]
            body = commits.find_one({"_id": position})["body"]
            commits.update_one({"_id": position}, {"$set": {"body": body.replace(old.encode(), new.encode())}})

    def remove(self, position: int):
        with MongoClient(self.url) as client:
            client.get_default_database()["log_commits"].delete_one({"_id": position})


Database = SqlDatabase | MongoDatabase


def on_sqlite(request: pytest.FixtureRequest) -> SqlDatabase:
    folder: Path = request.getfixturevalue("tmp_path_factory").mktemp("log")
    return SqlDatabase(f"sqlite:///{folder}/log.sqlite")


def on_postgresql(request: pytest.FixtureRequest) -> SqlDatabase:
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return SqlDatabase(server.create_schema(_new_name()))


def on_mongodb(request: pytest.FixtureRequest) -> MongoDatabase:
    server: MongoDB = request.getfixturevalue("mongodb")
    return MongoDatabase(server.url(_new_name()))


def _new_name() -> str:
    return f"log_{uuid4().hex}"


MAKERS = [on_sqlite, on_postgresql, on_mongodb]
