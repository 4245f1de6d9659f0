"""The log as a dependency of the service: opened before the first call, drained after the last one."""

from collections.abc import Mapping
from typing import Any

from nameko.constants import AMQP_URI_CONFIG_KEY, NON_PERSISTENT
from nameko.containers import WorkerContext
from nameko.events import EventDispatcher
from nameko.standalone.events import get_event_exchange

from event_store_svc.announcer import COMMITTED, Announcer
from event_store_svc.log import Log
from event_store_svc.sql import SqlStore
from event_store_svc.store import Store
from event_store_svc.writer import Writer
from shop.chassis.settings import ConfigError


class LogStore(EventDispatcher):
    """The log of the configuration's `LOG_URL`; what is recorded is announced through Nameko's event dispatcher."""

    def __init__(self) -> None:
        # A message that the broker loses is not missed: its commits are in the log.
        super().__init__(delivery_mode=NON_PERSISTENT)

    def setup(self) -> None:
        """Nameko's would need the broker for this already."""
        config = self.container.config
        self.exchange = get_event_exchange(self.container.service_name, config)
        self.publisher = self.publisher_cls(
            config[AMQP_URI_CONFIG_KEY],
            serializer=self.container.serializer,
            exchange=self.exchange,
            declare=[self.exchange],
            **self.options,
        )
        self._store = _store(self.container.config)
        self._store.open()
        self._announcer = Announcer(self._store.log_id, self._publish)
        self._writer = Writer(self._store.commits.write, self._announcer.tell)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._writer.run, identifier="writer")
        self.container.spawn_managed_thread(self._announcer.run, identifier="announcer")

    def stop(self) -> None:
        self._writer.stop()
        self._announcer.stop()
        self._store.close()

    def kill(self) -> None:
        self._store.close()

    def get_dependency(self, worker_ctx: WorkerContext) -> Log:  # noqa: ARG002 - nameko's signature
        return self.log

    @property
    def log(self) -> Log:
        return Log(self._store, self._writer)

    def _publish(self, message: dict[str, Any]) -> None:
        self.publisher.publish(message, exchange=self.exchange, routing_key=COMMITTED)


def _store(config: Mapping[str, Any]) -> Store:
    if "LOG_URL" not in config:
        raise ConfigError("LOG_URL is missing: where the event store keeps the log, such as sqlite:///var/log.sqlite")
    try:
        return SqlStore(config["LOG_URL"])
    except ValueError as error:
        raise ConfigError(f"LOG_URL: {error}") from error
