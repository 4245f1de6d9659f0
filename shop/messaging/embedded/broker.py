"""The broker: named exchanges and queues, and the routing of messages."""

from uuid import uuid4

from amqp.exceptions import NotFound, PreconditionFailed

from shop.messaging.embedded.exchanges import KINDS, Exchange, ExchangeSettings
from shop.messaging.embedded.messages import Published
from shop.messaging.embedded.queues import Queue, QueueSettings

_brokers: dict[str, "Broker"] = {}


def broker_at(name: str = "") -> "Broker":
    """The broker of that name in this process, created on first use; "" is that of ``embedded://``."""
    if name not in _brokers:
        _brokers[name] = Broker()
    return _brokers[name]


class Broker:
    """Exchanges and queues by name, with RabbitMQ's rules about them."""

    def __init__(self) -> None:
        self.queues: dict[str, Queue] = {}
        self.exchanges: dict[str, Exchange] = {
            name: Exchange(name, ExchangeSettings(kind, durable=True))
            for name, kind in [("", "direct"), *((f"amq.{kind}", kind) for kind in sorted(KINDS))]
        }

    def publish(self, message: Published, exchange: str, routing_key: str) -> bool:
        """Route a message to its queues. Returns: False for an unroutable one.

        Raises:
            NotFound: no such exchange.
        """
        arrived = False
        for queue in self.exchange(exchange).route(routing_key):
            if queue.is_expired():
                self.delete_queue(queue)
                continue
            queue.put(message, exchange, routing_key)
            arrived = True
        return arrived

    def exchange(self, name: str) -> Exchange:
        """Raises NotFound."""
        try:
            return self.exchanges[name]
        except KeyError:
            raise NotFound(f"NOT_FOUND - no exchange '{name}'", (40, 10)) from None

    def queue(self, name: str) -> Queue:
        """Raises NotFound."""
        queue = self.queues.get(name)
        if queue is not None and queue.is_expired():
            self.delete_queue(queue)
            queue = None
        if queue is None:
            raise NotFound(f"NOT_FOUND - no queue '{name}'", (50, 10))
        return queue

    def declare_exchange(self, name: str, settings: ExchangeSettings) -> None:
        """Create an exchange, or check the existing one.

        Raises:
            PreconditionFailed: it exists with other settings.
        """
        if name not in self.exchanges:
            self.exchanges[name] = Exchange(name, settings)
        exchange = self.exchanges[name]
        if exchange.settings != settings:
            raise PreconditionFailed(f"PRECONDITION_FAILED - exchange '{name}' is {exchange.settings}", (40, 10))

    def delete_exchange(self, name: str, *, if_unused: bool = False) -> None:
        """Raises PreconditionFailed for an exchange in use, with `if_unused`."""
        if if_unused and name in self.exchanges and self.exchanges[name].bindings:
            raise PreconditionFailed(f"PRECONDITION_FAILED - exchange '{name}' in use", (40, 20))
        self.exchanges.pop(name, None)

    def declare_queue(self, name: str, settings: QueueSettings, connection: object) -> Queue:
        """Create a queue, or check the existing one; "" creates one with a generated name.

        Raises:
            PreconditionFailed: it exists with other settings.
        """
        self._delete_expired_queues()
        name = name or f"amq.gen-{uuid4()}"
        if name not in self.queues:
            self.queues[name] = Queue(name, settings, owner=connection if settings.exclusive else None)
            self.exchanges[""].bind(self.queues[name], name)
        queue = self.queues[name]
        if queue.settings != settings:
            raise PreconditionFailed(f"PRECONDITION_FAILED - queue '{name}' is {queue.settings}", (50, 10))
        queue.touch()
        return queue

    def delete_queue(self, queue: Queue) -> None:
        """Remove a queue with its messages and bindings, and auto-delete exchanges without other queues."""
        if self.queues.get(queue.name) is not queue:
            return
        del self.queues[queue.name]
        for exchange in list(self.exchanges.values()):
            if exchange.forget(queue):
                self._after_unbinding(exchange)
        queue.close()

    def unbind(self, queue: Queue, exchange: Exchange, key: str) -> None:
        exchange.unbind(queue, key)
        self._after_unbinding(exchange)

    def after_cancel(self, queue: Queue) -> None:
        """Delete an auto-delete queue without consumers."""
        if queue.settings.auto_delete and not queue.consumers:
            self.delete_queue(queue)

    def delete_exclusive_queues(self, connection: object) -> None:
        """Delete the exclusive queues of a connection that closes."""
        for queue in [queue for queue in self.queues.values() if queue.owner is connection]:
            self.delete_queue(queue)

    def _after_unbinding(self, exchange: Exchange) -> None:
        if exchange.settings.auto_delete and not exchange.bindings:
            self.exchanges.pop(exchange.name, None)

    def _delete_expired_queues(self) -> None:
        for queue in [queue for queue in self.queues.values() if queue.is_expired()]:
            self.delete_queue(queue)
