"""Base class of adapters on Redis: a service's keys, and its commands as methods.

A table of a namespace is one hash, `customers:r1:reservations`, of JSON rows by primary key; or one sorted set, of
primary keys in their order. So dropping a namespace takes a constant number of commands.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import orjson

from shop.contracts.commits import RecordedEvent
from shop.contracts.errors import NotReady

Client = Any
"""redis-py's client; its annotations do not separate plain results from awaitables."""
Row = Mapping[str, Any]
Reference = tuple[str, str]
"""A table, and the primary key of a row."""


class Keys:
    """Names of a service's keys."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.namespaces = f"{service}:read_models"
        """A hash with the state of all namespaces, in fields such as `1:position`."""
        self.trial = self.permanent("trial")

    def table(self, number: int, name: str) -> str:
        return f"{self.service}:r{number}:{name}"

    def permanent(self, *names: str) -> str:
        """A key outside of the read model, which survives a rebuild, such as sessions."""
        return ":".join((self.service, *names))


class Batch:
    """Changes of a batch of events. Its rows are the ones read before, and the ones put by projections."""

    def __init__(self, known: Mapping[Reference, Row | None]) -> None:
        self._rows = dict(known)
        self.put_rows: dict[Reference, Row] = {}
        self.ordered: dict[Reference, None] = {}

    def row(self, table: str, key: str) -> Row | None:
        """A row that `RedisRows.reads` has named; None if it does not exist."""
        return self._rows[table, key]

    def put(self, table: str, key: str, row: Row) -> None:
        self._rows[table, key] = self.put_rows[table, key] = row

    def put_in_order(self, table: str, key: str) -> None:
        self.ordered[table, key] = None


class RedisRows:
    """A service's keys, and its commands as methods. Only subclasses know the database.

    Args:
        number: number of the namespace to read; raises NotReady without one.
        batch: collects the changes of projections, which read from it alone.
    """

    schema_version: ClassVar[int] = 1
    hashes: ClassVar[Sequence[str]] = ()
    sorted_sets: ClassVar[Sequence[str]] = ()

    def __init__(self, client: Client, keys: Keys, number: Callable[[], int], batch: Batch | None = None) -> None:
        self.client = client
        self.keys = keys
        self.batch = batch or Batch({})
        self._number = number

    @classmethod
    def reads(cls, recorded: RecordedEvent) -> Iterable[Reference]:
        """The rows that projections of this event read. The event's fields are not validated here."""
        del recorded
        return ()

    def key(self, table: str) -> str:
        return self.keys.table(self._number(), table)

    def ask(self, fill: Callable[[Any], object]) -> list[Any]:
        """Results of the commands that `fill` puts into a pipeline, executed atomically.

        Raises:
            NotReady: the namespace is gone.
        """
        pipeline = self.client.pipeline(transaction=True)
        pipeline.hexists(self.keys.namespaces, position_field(self._number()))
        fill(pipeline)
        answers: list[Any] = pipeline.execute()
        if not answers[0]:
            raise NotReady(self.keys.service)
        return answers[1:]

    def run(self, script: Path, tables: Sequence[str], *arguments: str | int, keys: Sequence[str] = ()) -> Any:
        """Run a script on the namespace.

        Its keys are the hash of namespaces, the tables and the other keys; its first argument is the field with the
        namespace's position.

        Raises:
            NotReady: the script returned nil: the namespace is gone.
        """
        all_keys = [self.keys.namespaces, *(self.key(table) for table in tables), *keys]
        answer = run(self.client, script, all_keys, [position_field(self._number()), *arguments])
        if answer is None:
            raise NotReady(self.keys.service)
        return answer


def position_field(number: int) -> str:
    return f"{number}:position"


def run(client: Client, script: Path, keys: Sequence[str], arguments: Sequence[str | int]) -> Any:
    """Run a Lua script, which the server caches until it restarts."""
    return client.register_script(_text(script))(keys=keys, args=arguments)


@cache
def _text(script: Path) -> str:
    return script.read_text(encoding="utf-8")


def to_json(row: Row) -> str:
    return orjson.dumps(row).decode()


def from_json(text: str | None) -> dict[str, Any] | None:
    return None if text is None else orjson.loads(text)
