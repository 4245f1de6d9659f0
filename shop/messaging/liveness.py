"""Whether this process can still be called. It finds out by calling itself, as anybody else would.

That takes the connection, a consumer, a worker and the way back of a reply: whatever of it is stuck, the call fails.
Whoever started the process can watch it through a pipe. One that nobody watches ends itself, to be started again.
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import eventlet
import structlog
from eventlet import patcher
from kombu.entity import Queue
from nameko.constants import AMQP_URI_CONFIG_KEY
from nameko.rpc import get_rpc_exchange

from shop.messaging.broker import TROUBLE, BrokerTrouble, try_broker
from shop.messaging.rpc import Calls, RpcConsumer, RpcMethod

PIPE = "LIVENESS_PIPE"
"""The configuration's key for the file descriptor to which a process writes a byte whenever it has reached itself."""

FILE = "LIVENESS_FILE"
"""The configuration's key for a file that is touched at the same time, for whoever cannot have a pipe."""

SECONDS_BETWEEN_CALLS = 3.0
SECONDS_TO_ANSWER = 5.0
SECONDS_TO_GIVE_UP = 30.0

_os = patcher.original("os")
"""Eventlet's write waits for ever where nobody reads."""

log = structlog.get_logger(__name__)


class NoAnswer(Exception):
    """The process did not answer itself in time."""


class Pulse:
    """Tells of each sign of life, and counts the time without one.

    Args:
        pipe: where to, if anybody watches.
        file: is as old as the last sign of life.
    """

    def __init__(self, pipe: int | None, file: Path | None = None) -> None:
        self._pipe = pipe
        self._file = file
        if pipe is not None:
            os.set_blocking(pipe, False)
        self._failing_since: float | None = None

    def beat(self) -> None:
        """The process works."""
        self._failing_since = None
        if self._file:
            self._file.touch()
        if self._pipe is None:
            return
        try:
            _os.write(self._pipe, b".")
        except BlockingIOError:
            log.info("nobody has looked for a long time")
        except BrokenPipeError:
            log.warning("nobody watches any more")
            self._pipe = None
            os.kill(os.getpid(), signal.SIGTERM)

    def fail(self) -> float:
        """The process did not work. Returns: for how many seconds that is so."""
        now = time.monotonic()
        self._failing_since = self._failing_since or now
        return now - self._failing_since

    def excuse(self) -> None:
        """That the process did not work was not its own fault."""
        self._failing_since = None


class _OwnQueue(RpcConsumer):
    """Takes the calls that are for this very process."""

    def setup(self) -> None:
        super().setup()
        self.address = f"alive-{self.container.service_name}-{uuid4().hex}"
        exchange = get_rpc_exchange(self.container.config)
        self.queue = Queue(self.address, exchange=exchange, routing_key=self.address, auto_delete=True)

    def get_provider_for_method(self, routing_key: str) -> Any:  # noqa: ARG002 - Nameko's signature
        return next(iter(self._providers))


class _CallsItself(RpcMethod):
    """Calls the method over the broker now and then."""

    rpc_consumer = _OwnQueue()
    calls = Calls()

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self._watching: Any = None

    def setup(self) -> None:
        super().setup()
        self._uri: str = self.container.config[AMQP_URI_CONFIG_KEY]
        file = self.container.config.get(FILE)
        self._pulse = Pulse(self.container.config.get(PIPE), Path(file) if file else None)

    def start(self) -> None:
        # Within one process there is no connection to lose, and nobody who would start it again.
        if not self._uri.startswith("embedded:"):
            self._watching = self.container.spawn_managed_thread(self._watch, identifier="liveness")

    def stop(self) -> None:
        if self._watching:
            self._watching.kill()
        super().stop()

    def _watch(self) -> None:
        while True:
            try:
                self._call()
            except (*TROUBLE, NoAnswer) as error:
                self._failed(error)
            else:
                self._pulse.beat()
            eventlet.sleep(SECONDS_BETWEEN_CALLS)

    def _call(self) -> None:
        reply_id = uuid4().hex
        answer = self.calls.get_reply_event(reply_id)
        try:
            with eventlet.Timeout(SECONDS_TO_ANSWER, NoAnswer(f"no answer in {SECONDS_TO_ANSWER:g} s")):
                request: dict[str, Any] = {"args": [], "kwargs": {}}
                self.calls.send(request, self.rpc_consumer.address, reply_id=reply_id, headers={})
                error = answer.wait()["error"]
        finally:
            self.calls.forget(reply_id)
        if error:
            raise NoAnswer(error["value"])

    def _failed(self, error: Exception) -> None:
        seconds = self._pulse.fail()
        try:
            try_broker(self._uri)
        except BrokerTrouble:
            self._pulse.excuse()
            return
        if seconds:
            service = self.container.service_name
            log.warning("cannot be called", service=service, error=str(error), seconds=round(seconds))
        if seconds >= SECONDS_TO_GIVE_UP:
            log.critical("ends itself: it cannot be called, and the broker works", service=self.container.service_name)
            sys.stdout.flush()
            # In a process that is stuck, there is no more orderly way that is sure to come to an end.
            os._exit(1)


class Alive:
    """What every service has."""

    @_CallsItself.decorator
    def answer_itself(self) -> None:
        """Do nothing, and say that it is done."""
