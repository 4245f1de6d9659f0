"""Read models in an SQL database: SQLite by default, PostgreSQL with another URL."""

from shop.chassis.sql.engines import sqlite_url
from shop.chassis.sql.model import SqlReadModel
from shop.chassis.sql.rows import Rows, Tables, by_code_point

__all__ = ["Rows", "SqlReadModel", "Tables", "by_code_point", "sqlite_url"]
