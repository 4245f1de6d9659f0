"""The most frequent statements of services, on rows by primary key.

Each is built once per table: building a statement takes several times as long as running it.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import Delete, Insert, Select, Table, Update, bindparam, delete, insert, select, update

KEY = "of_key"
"""Name of the bind parameter of the primary key; no column has this name."""

TABLES_KEPT = 100

keep = lru_cache(TABLES_KEPT)


@keep
def row_of(table: Table) -> Select[Any]:
    return select(table).where(_key_of(table) == bindparam(KEY))


@keep
def adding_to(table: Table) -> Insert:
    """An insert. Its parameters are the columns' values."""
    return insert(table)


@keep
def changing(table: Table) -> Update:
    """An update. Its parameters are the new values of the changed columns, and the key."""
    return update(table).where(_key_of(table) == bindparam(KEY))


@keep
def removing(table: Table) -> Delete:
    return delete(table).where(_key_of(table) == bindparam(KEY))


def _key_of(table: Table) -> Any:
    (key,) = table.primary_key
    return key
