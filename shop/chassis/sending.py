"""Sending to the broker, over connections that are kept.

Nameko's publisher looks its connection pool up anew for every message, and gives a connection back to the pool even
when a time-out has cut off what it was in the middle of.
"""

from typing import Any

from kombu import Connection
from kombu.entity import Exchange
from kombu.exceptions import EncodeError, OperationalError
from kombu.pools import producers
from nameko.constants import NON_PERSISTENT, PERSISTENT

RETRIES = {"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2, "interval_max": 0.5}


class Sender:
    """Sends messages to one exchange.

    Args:
        confirmed: wait until the broker has the message, and keep it through a restart of the broker. Only then is a
            mandatory message that no queue takes refused.
    """

    def __init__(self, uri: str, exchange: Exchange, serializer: str, *, confirmed: bool) -> None:
        self._connection = Connection(uri, transport_options={"confirm_publish": confirmed})
        self._exchange = exchange
        self._serializer = serializer
        self._delivery_mode = PERSISTENT if confirmed else NON_PERSISTENT

    def send(self, payload: Any, routing_key: str, **properties: Any) -> None:
        """Send one message.

        Raises:
            amqp.exceptions.ChannelError, with NO_ROUTE in its text: nobody takes a `mandatory` message.
            kombu.exceptions.OperationalError, OSError: the broker does not answer.
            kombu.exceptions.EncodeError: the payload cannot be put into the message.
        """
        with producers[self._connection].acquire(block=True) as producer:
            try:
                producer.publish(
                    payload,
                    exchange=self._exchange,
                    routing_key=routing_key,
                    serializer=self._serializer,
                    delivery_mode=self._delivery_mode,
                    retry=True,
                    retry_policy=RETRIES,
                    **properties,
                )
            except (EncodeError, OperationalError):
                raise
            except BaseException:
                # Cut off in the middle: what the broker says next would be taken for its answer to the next message.
                producer.__connection__.collect()
                raise
