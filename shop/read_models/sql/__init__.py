"""Read models in SQL: SQLite by default, PostgreSQL by URL."""

from shop.database.engines import sqlite_url
from shop.read_models.sql.model import SqlReadModel
from shop.read_models.sql.rows import SqlRows, Tables, by_code_point

__all__ = ["SqlReadModel", "SqlRows", "Tables", "by_code_point", "sqlite_url"]
