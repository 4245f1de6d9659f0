"""Sending to the broker, over connections that are kept.

Nameko's publisher takes its connections from pools that the whole process shares, and gives them back even when a
time-out has cut off what they were in the middle of. Whoever has to wait for one waits without limit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet

import eventlet
from amqp.exceptions import ConnectionError as ConnectionLost
from eventlet.semaphore import Semaphore
from kombu import Connection, Producer
from kombu.entity import Exchange
from kombu.exceptions import EncodeError, OperationalError
from nameko.constants import NON_PERSISTENT, PERSISTENT

from shop.chassis.broker import TROUBLE

CONNECTIONS = 10
"""That one sender has at most."""

SECONDS_TO_SEND = 5.0
SECONDS_FOR_A_FAREWELL = 1.0

PAUSES = (0.1, 0.3, None)
"""Seconds after each try that found the connection lost; none after the last one."""


class Sender:
    """Sends messages to one exchange.

    Args:
        confirmed: wait until the broker has the message, and keep it through a restart of the broker. Only then is a
            mandatory message that no queue takes refused.
    """

    def __init__(self, uri: str, exchange: Exchange, serializer: str, *, confirmed: bool) -> None:
        self._uri = uri
        self._transport_options = {"confirm_publish": confirmed}
        self._options = {
            "exchange": exchange,
            "declare": [exchange],
            "serializer": serializer,
            "delivery_mode": PERSISTENT if confirmed else NON_PERSISTENT,
        }
        self._places = Semaphore(CONNECTIONS)
        self._idle: list[Producer] = []
        _senders.add(self)

    def send(self, payload: Any, routing_key: str, **properties: Any) -> None:
        """Send one message.

        Raises:
            amqp.exceptions.ChannelError, with NO_ROUTE in its text: nobody takes a `mandatory` message.
            kombu.exceptions.OperationalError, amqp.exceptions.ConnectionError, OSError: the broker does not take it.
            kombu.exceptions.EncodeError: the payload cannot be put into the message.
        """
        options = {**self._options, **properties, "routing_key": routing_key}
        too_slow = OperationalError(f"the broker took no message in {SECONDS_TO_SEND:g} s")
        with eventlet.Timeout(SECONDS_TO_SEND, too_slow), self._places:
            for pause in PAUSES:
                try:
                    with self._producer() as producer:
                        producer.publish(payload, **options)
                    return
                except (ConnectionLost, OSError):
                    # The idle ones are of the same age, and most likely lost as well.
                    self._give_away(_break_off)
                    if pause is None:
                        raise
                eventlet.sleep(pause)

    def hang_up(self) -> None:
        """Use none of the present connections for another message. Returns when the broker has what was sent."""
        self._give_away(_end)

    def _give_away(self, end: Callable[[Producer], None]) -> None:
        idle, self._idle = self._idle, []
        for ending in [eventlet.spawn(end, producer) for producer in idle]:
            ending.wait()

    @contextmanager
    def _producer(self) -> Iterator[Producer]:
        """A connection for one message. It is kept for others if all goes well."""
        idle = self._idle
        producer = idle.pop() if idle else Producer(self._connected())
        try:
            yield producer
        except EncodeError:
            idle.append(producer)
            raise
        except BaseException:
            # Cut off in the middle: what the broker says next would be taken for its answer to the next message.
            _break_off(producer)
            raise
        if idle is self._idle:
            idle.append(producer)
        else:
            _end(producer)

    def _connected(self) -> Connection:
        connection = Connection(self._uri, transport_options=self._transport_options)
        # Not `connect`, which tries twice and waits in between.
        connection.ensure_connection(max_retries=0, reraise_as_library_errors=False)
        return connection


def hang_up() -> None:
    """Have all senders of this process begin anew: what is sent over a connection that is gone may be lost silently."""
    for sender in list(_senders):
        eventlet.spawn_n(sender.hang_up)


_senders: WeakSet[Sender] = WeakSet()


def _end(producer: Producer) -> None:
    """Wait for the broker's farewell, for not long: then it has all that was sent before."""
    with suppress(*TROUBLE), eventlet.Timeout(SECONDS_FOR_A_FAREWELL, False):
        _connection(producer).release()
    _break_off(producer)


def _break_off(producer: Producer) -> None:
    """Without a farewell, for which a broker in trouble would keep us waiting."""
    _connection(producer).collect()


def _connection(producer: Producer) -> Connection:
    connection: Any = producer.__connection__
    return connection  # type: ignore[no-any-return]
