"""Adapter of the read model's port on Redis, through nameko-redis."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

from nameko.containers import WorkerContext
from nameko_redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError
from redis.retry import Retry

from shop.contracts import deadlines
from shop.contracts.commits import RecordedEvent
from shop.contracts.errors import CheckpointMoved, NotReady
from shop.read_models.read_model import Apply, Namespace
from shop.read_models.redis.rows import Batch, Keys, RedisRows, Reference, Row, from_json, position_field, run, to_json
from shop.read_models.redis.snapshot import RedisSnapshot
from shop.read_models.stores import Adapter

SECONDS_TO_ANSWER = deadlines.DATABASE / 2
"""Twice that, since a command is retried once on a new connection, is shorter than the callers' timeout."""
SECONDS_BETWEEN_CHECKS = 15
"""A connection that was idle for so long is checked before use."""

PROJECT = Path(__file__).with_name("project.lua")
FIELDS = ("schema_version", "log", "position", "current")


class RedisReadModel(Adapter, Redis):
    """A read model in Redis.

    Args:
        rows: knows the service's keys and runs its commands.
    """

    schemes = ("redis", "rediss")

    def __init__(self, rows: type[RedisRows]) -> None:
        super().__init__(
            "ReadModel",
            health_check_interval=SECONDS_BETWEEN_CHECKS,
            # Each command is idempotent: it checks the position, or sets absolute values.
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionLost,)),
        )
        self.rows = rows
        self._current: int | None = None

    def open(self) -> None:
        self.redis_uri = self.url
        self.options |= {"socket_connect_timeout": SECONDS_TO_ANSWER, "socket_timeout": SECONDS_TO_ANSWER}
        self.keys = Keys(self.container.service_name)
        try:
            super().start()
            self.client.connection_pool.make_connection()  # validates the URL's options without connecting
        except (ValueError, TypeError) as error:
            raise self.wrong_url(error) from error

    def start(self) -> None:
        """The client exists since `open`: other extensions may use it before all are started."""

    def stop(self) -> None:
        if self.client is not None:
            self.client.connection_pool.disconnect()

    kill = stop

    # Reading

    def get_dependency(self, worker_ctx: WorkerContext) -> "RedisReader":  # noqa: ARG002 - Nameko's signature
        return RedisReader(self, self._current_rows())

    @contextmanager
    def reading(self) -> Iterator[RedisRows]:
        with self.reaching():
            yield self._current_rows()

    @contextmanager
    def snapshot(self) -> Iterator[RedisSnapshot]:
        with self.reaching():
            yield RedisSnapshot(self._rows_of(self._current_number()))

    @contextmanager
    def reaching(self) -> Iterator[None]:
        """Raises: ServiceUnavailable."""
        try:
            yield
        except RedisError as error:
            raise self.unavailable(error) from error

    # The port `shop.read_models.read_model.ReadModel`

    @property
    def schema_version(self) -> int:
        return self.rows.schema_version

    def namespaces(self) -> Sequence[Namespace]:
        with self.reaching():
            found = _namespaces(self.client.hgetall(self.keys.namespaces))
        self._current = next((n.number for n in found if n.current), None)
        return found

    def create(self, log: str) -> Namespace:
        def add(pipeline: Any) -> Namespace:
            numbers = [n.number for n in _namespaces(pipeline.hgetall(self.keys.namespaces))]
            fresh = Namespace(max(numbers, default=0) + 1, self.schema_version, log, 0, False)
            pipeline.multi()
            pipeline.hset(self.keys.namespaces, mapping=_fields(fresh))
            return fresh

        created: Namespace = self._change(add)
        return created

    def project(self, namespace: Namespace, events: Sequence[RecordedEvent], reached: int, apply: Apply) -> Namespace:
        with self.reaching():
            batch = Batch(self._known(namespace, events))
            rows = self._rows_of(namespace.number, batch)
            for recorded in events:
                apply(recorded, rows)
            if not self._write(namespace, batch, reached):
                raise CheckpointMoved(self.keys.service, namespace.position, reached)
        return replace(namespace, position=reached)

    def switch(self, namespace: Namespace) -> None:
        def mark(pipeline: Any) -> bool:
            found = _namespaces(pipeline.hgetall(self.keys.namespaces))
            known = any(n.number == namespace.number for n in found)
            pipeline.multi()
            if known:
                others = {f"{n.number}:current": 0 for n in found}
                pipeline.hset(self.keys.namespaces, mapping=others | {f"{namespace.number}:current": 1})
            return known

        if self._change(mark):
            self._current = namespace.number

    def drop(self, namespace: Namespace) -> None:
        """Takes effect at once and blocks no other client: Redis frees the memory in a thread of its own."""
        tables = [self.keys.table(namespace.number, name) for name in (*self.rows.hashes, *self.rows.sorted_sets)]
        with self.reaching():
            pipeline = self.client.pipeline(transaction=True)
            pipeline.hdel(self.keys.namespaces, *_fields(namespace))
            pipeline.unlink(*tables)
            pipeline.execute()

    def try_to_write(self) -> None:
        with self.reaching():
            self.client.set(self.keys.trial, 1)

    # Private

    def _current_number(self) -> int:
        if self._current is None:
            raise NotReady(self.keys.service)
        return self._current

    def _current_rows(self) -> RedisRows:
        return self.rows(self.client, self.keys, self._current_number)

    def _rows_of(self, number: int, batch: Batch | None = None) -> RedisRows:
        return self.rows(self.client, self.keys, lambda: number, batch)

    def _change(self, change: Callable[[Any], Any]) -> Any:
        """Change the hash of namespaces by compare-and-set. Returns the result of `change`."""
        with self.reaching():
            return self.client.transaction(change, self.keys.namespaces, value_from_callable=True)

    def _known(self, namespace: Namespace, events: Sequence[RecordedEvent]) -> dict[Reference, Row | None]:
        """The present rows that projections of these events read."""
        wanted: dict[str, dict[str, None]] = {}
        for table, key in (reference for recorded in events for reference in self.rows.reads(recorded)):
            wanted.setdefault(table, {})[key] = None
        pipeline = self.client.pipeline(transaction=False)
        for table, keys in wanted.items():
            pipeline.hmget(self.keys.table(namespace.number, table), list(keys))
        return {
            (table, key): from_json(text)
            for (table, keys), texts in zip(wanted.items(), pipeline.execute(), strict=True)
            for key, text in zip(keys, texts, strict=True)
        }

    def _write(self, namespace: Namespace, batch: Batch, reached: int) -> bool:
        """Returns: whether the namespace was at its position, and the batch is written."""
        tables = [*dict.fromkeys(table for table, _ in (*batch.put_rows, *batch.ordered))]
        numbers = {table: number for number, table in enumerate(tables, start=1)}
        writes: list[str | int] = []
        for (table, key), row in batch.put_rows.items():
            writes += ("HSET", numbers[table], key, to_json(row))
        for table, key in batch.ordered:
            writes += ("ZADD", numbers[table], 0, key)
        keys = [self.keys.namespaces, *(self.keys.table(namespace.number, table) for table in tables)]
        moves: list[str | int] = [position_field(namespace.number), namespace.position, reached]
        return bool(run(self.client, PROJECT, keys, [*moves, *writes]))


class RedisReader:
    """A worker's access: rows of the current namespace, and writes to permanent keys."""

    def __init__(self, model: RedisReadModel, rows: RedisRows) -> None:
        self._model = model
        self._rows = rows

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._rows, name)

        @wraps(method)
        def reached(*args: Any, **kwargs: Any) -> Any:
            with self._model.reaching():
                return method(*args, **kwargs)

        return reached

    @contextmanager
    def write(self) -> Iterator[RedisRows]:
        """`with self.store.write() as rows:` changes permanent keys; each method of the rows takes effect at once."""
        with self._model.reaching():
            yield self._rows


def _fields(namespace: Namespace) -> dict[str, str | int]:
    """Fields of a namespace in the hash of all namespaces."""
    return {f"{namespace.number}:{name}": _plain(getattr(namespace, name)) for name in FIELDS}


def _plain(value: str | int | bool) -> str | int:
    return int(value) if isinstance(value, bool) else value


def _namespaces(found: dict[str, str]) -> list[Namespace]:
    """Namespaces from the hash of all, by number."""
    numbers = sorted(int(field.partition(":")[0]) for field in found if field.endswith(":position"))
    return [
        Namespace(
            number=number,
            schema_version=int(found[f"{number}:schema_version"]),
            log=found[f"{number}:log"],
            position=int(found[position_field(number)]),
            current=found[f"{number}:current"] == "1",
        )
        for number in numbers
    ]
