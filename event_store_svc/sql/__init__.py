"""The log in an SQL database: SQLite or PostgreSQL, by SQLAlchemy's URL."""

from event_store_svc.sql.store import SqlStore

__all__ = ["SqlStore"]
