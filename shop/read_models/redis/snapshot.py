"""Reads a whole read model in Redis while projections continue: each page is consistent in itself."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from shop.read_models.read_model import PageOfRows
from shop.read_models.redis.rows import RedisRows, from_json

AT_ONCE = 200
"""Approximate number of entries that Redis reads in one command, which blocks other clients."""

PAGE = Path(__file__).with_name("page.lua")


class RedisSnapshot:
    """Implements `shop.read_models.read_model.Snapshot`."""

    def __init__(self, rows: RedisRows) -> None:
        self._rows = rows

    @property
    def tables(self) -> Sequence[str]:
        return (*self._rows.hashes, *self._rows.sorted_sets)

    def pages(self, table: str) -> Iterator[PageOfRows]:
        cursor, is_hash = "0", table in self._rows.hashes
        while True:
            position, cursor, entries = self._rows.run(PAGE, [table], cursor, AT_ONCE)
            pairs = zip(entries[::2], entries[1::2], strict=True)
            yield PageOfRows(int(position), {key: _row(value) if is_hash else {} for key, value in pairs})
            if cursor == "0":
                return


def _row(text: str) -> dict[str, Any]:
    return from_json(text) or {}
