"""The log as a dependency of the service: opened before the first call, drained after the last one."""

from collections.abc import Mapping
from typing import Any

import structlog
from nameko.constants import AMQP_URI_CONFIG_KEY
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider
from nameko.standalone.events import get_event_exchange

from event_store_svc.announcer import COMMITTED, Announcer
from event_store_svc.compatibility import LaterForm, later_version, require_currency
from event_store_svc.log import StoredLog
from event_store_svc.sql import SqlStore
from event_store_svc.store import LogStorage
from event_store_svc.writer import Writer
from shop.contracts.errors import ServiceUnavailable
from shop.messaging.publisher import Sender
from shop.service.settings import ConfigError, Settings

logger = structlog.get_logger(__name__)


class Unopened:
    """Placeholder of the log until its database has answered."""

    def __getattr__(self, name: str) -> Any:
        raise ServiceUnavailable("event_store")


class LogStore(DependencyProvider):
    """The log at `LOG_URL`. Commits are announced as a Nameko event."""

    def setup(self) -> None:
        config = self.container.config
        exchange = get_event_exchange(self.container.service_name, config)
        self._events = Sender(config[AMQP_URI_CONFIG_KEY], exchange, self.container.serializer)
        self._store = _store(self.container.config)
        self._log: StoredLog | Unopened = Unopened()
        self._open()

    def start(self) -> None:
        self._running = self.container.spawn_managed_thread(self._run, identifier="writer")

    def stop(self) -> None:
        if isinstance(self._log, StoredLog):
            self._writer.stop()
            self._announcer.stop()
        else:
            self._running.kill()
        self._events.hang_up()
        self._store.close()

    def kill(self) -> None:
        self._store.close()

    def get_dependency(self, worker_ctx: WorkerContext) -> "StoredLog | Unopened":  # noqa: ARG002 - nameko's signature
        return self._log

    @property
    def log(self) -> "StoredLog | Unopened":
        return self._log

    def _run(self) -> None:
        """Open the log, retrying while the database is not up. Each try has its own timeout, and logs the reason."""
        while isinstance(self._log, Unopened):
            self._open()
        self.container.spawn_managed_thread(self._announcer.run, identifier="announcer")
        self._writer.run()

    def _open(self) -> None:
        """Raises: ConfigError, if the log does not belong to this shop."""
        try:
            self._store.open()
            self._require_ours()
        except ServiceUnavailable:
            return
        except LaterForm as error:
            raise later_version(error, self.container.config["LOG_URL"]) from error
        self._announcer = Announcer(lambda: self._store.log_id, self._publish)
        self._writer = Writer(self._store.commits.write, self._announcer.tell)
        self._log = StoredLog(self._store, self._writer)
        if refusal := self._log.clock.read()["refusal"]:
            logger.critical(refusal)

    def _require_ours(self) -> None:
        config = self.container.config
        require_currency(self._store.commits, Settings.of(config).currency, config["LOG_URL"])

    def _publish(self, message: dict[str, Any]) -> None:
        # A lost message does no harm: its commits are in the log.
        self._events.send(message, COMMITTED)


def _store(config: Mapping[str, Any]) -> LogStorage:
    url = config.get("LOG_URL")
    if not isinstance(url, str) or not url.strip():
        raise ConfigError("LOG_URL is missing: where the event store keeps the log, such as sqlite:///var/log.db")
    try:
        return _mongo_store(url) if url.startswith("mongodb") else SqlStore(url)
    except ValueError as error:
        raise ConfigError(f"LOG_URL: {str(error).partition(chr(10))[0]}") from error


def _mongo_store(url: str) -> LogStorage:
    """Import MongoDB's driver on demand only. Raises: ValueError."""
    try:
        from event_store_svc.mongodb import MongoStore
    except ImportError as error:
        raise ValueError(f"MongoDB needs the extra mongodb: pip install 'nameko-shop[mongodb]' ({error})") from error
    return MongoStore(url)
