"""The statements that services run most, on rows by their keys.

Each is made once for a table: to put one together takes several times as long as to run it.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import Delete, Insert, Select, Table, Update, bindparam, delete, insert, select, update

KEY = "of_key"
"""The parameter that stands for the primary key; no column is called like that."""

TABLES_KEPT = 100

keep = lru_cache(TABLES_KEPT)


@keep
def row_of(table: Table) -> Select[Any]:
    return select(table).where(_key_of(table) == bindparam(KEY))


@keep
def adding_to(table: Table) -> Insert:
    """Its parameters are the columns' values."""
    return insert(table)


@keep
def changing(table: Table) -> Update:
    """Its parameters are the values of the columns that change, and the key."""
    return update(table).where(_key_of(table) == bindparam(KEY))


@keep
def removing(table: Table) -> Delete:
    return delete(table).where(_key_of(table) == bindparam(KEY))


def _key_of(table: Table) -> Any:
    (key,) = table.primary_key
    return key
