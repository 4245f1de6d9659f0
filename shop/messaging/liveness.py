"""Liveness by self-call: the process calls itself over the broker, like any other caller.

The call needs the connection, a consumer, a worker and the reply queue: if any of them is stuck, it fails. A supervisor
reads the heartbeats from a pipe. A process without a supervisor exits, to be restarted.
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
from shop.messaging.rpc import RpcConsumer, RpcMethod
from shop.messaging.rpc_client import Calls

PIPE = "LIVENESS_PIPE"
"""Configuration key for the file descriptor to which the process writes a byte with each heartbeat."""

FILE = "LIVENESS_FILE"
"""Configuration key for a file that is touched with each heartbeat, for watchers without a pipe."""

SECONDS_BETWEEN_CALLS = 3.0
SECONDS_TO_ANSWER = 5.0
SECONDS_TO_GIVE_UP = 30.0

_os = patcher.original("os")
"""The unpatched module: eventlet's write blocks for ever on a pipe without a reader."""

log = structlog.get_logger(__name__)


class NoAnswer(Exception):
    """The process did not answer its own call in time."""


class OwnPulse:
    """Sends heartbeats, and measures the time without one.

    Args:
        pipe: file descriptor of the supervisor's pipe, if any.
        file: touched with each heartbeat.
    """

    def __init__(self, pipe: int | None, file: Path | None = None) -> None:
        self._pipe = pipe
        self._file = file
        if pipe is not None:
            os.set_blocking(pipe, False)
        self._failing_since: float | None = None

    def beat(self) -> None:
        """Record a successful self-call."""
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
        """Record a failed self-call. Returns: seconds since the last successful one."""
        now = time.monotonic()
        self._failing_since = self._failing_since or now
        return now - self._failing_since

    def excuse(self) -> None:
        """Restart the measurement: the failure was not the process's own fault."""
        self._failing_since = None


class _OwnQueue(RpcConsumer):
    """Consumes calls addressed to this process."""

    def setup(self) -> None:
        super().setup()
        self.address = f"alive-{self.container.service_name}-{uuid4().hex}"
        exchange = get_rpc_exchange(self.container.config)
        self.queue = Queue(self.address, exchange=exchange, routing_key=self.address, auto_delete=True)

    def get_provider_for_method(self, routing_key: str) -> Any:  # noqa: ARG002 - Nameko's signature
        return next(iter(self._providers))


class _CallsItself(RpcMethod):
    """Calls the method over the broker at intervals."""

    rpc_consumer = _OwnQueue()
    calls = Calls()

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self._watching: Any = None

    def setup(self) -> None:
        super().setup()
        self._uri: str = self.container.config[AMQP_URI_CONFIG_KEY]
        file = self.container.config.get(FILE)
        self._pulse = OwnPulse(self.container.config.get(PIPE), Path(file) if file else None)

    def start(self) -> None:
        # A shop in one process has no connection to lose, and no supervisor.
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
            # In a stuck process, no orderly exit is certain to finish.
            os._exit(1)


class Alive:
    """RPC methods of every service."""

    @_CallsItself.decorator
    def answer_itself(self) -> None:
        """Do nothing, and return."""
