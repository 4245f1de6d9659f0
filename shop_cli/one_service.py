"""Runs one service in this process, with an orderly stop."""

import ctypes
import os
import signal
import sys
from typing import Any

import eventlet
import structlog
from nameko.cli.run import import_service
from nameko.containers import get_container_cls

from shop.contracts.names import Service
from shop.service.registry import MODULES
from shop.service.settings import ConfigError
from shop_cli.signals import StopSignal

SECONDS_TO_STOP = 10.0

SET_PARENT_DEATH_SIGNAL = 1
"""Option PR_SET_PDEATHSIG of prctl(2)."""

log = structlog.get_logger(__name__)


def end_with(supervisor: int) -> None:
    """End this process when its supervisor ends, even if killed.

    On Linux, at once. Elsewhere with the next sign of life, which finds the pipe closed.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != supervisor:
        sys.exit(1)


def run_one(service: Service, config: dict[str, Any]) -> None:
    """Run the service until the process is asked to stop. Ends the process with code 1 if the service fails.

    Raises:
        ConfigError: the configuration is not valid.
    """
    stop = StopSignal()
    running = Running(service, config)
    eventlet.spawn(running.run, stop)
    try:
        stop.wait()
    except ConfigError:
        raise
    except Exception:  # noqa: BLE001 - it is in the log
        sys.exit(1)
    running.stop()


class Running:
    """A service's container, and its state."""

    def __init__(self, service: Service, config: dict[str, Any]) -> None:
        [service_class] = import_service(MODULES[service])
        self._name = service.value
        self._container = get_container_cls(config)(service_class, config)
        self._started = False

    def run(self, stop: StopSignal) -> None:
        """Start the service and return when it has ended. If it fails, `stop` fails, too."""
        try:
            self._container.start()
            self._started = True
            self._container.wait()
        except ConfigError as error:
            stop.fail(error)
        except Exception as error:
            log.exception("service failed", service=self._name)
            stop.fail(error)

    def stop(self) -> None:
        """Finish calls in progress. A service that never started has none."""
        if not self._started:
            return
        try:
            with eventlet.Timeout(SECONDS_TO_STOP):
                self._container.stop()
        except (eventlet.Timeout, Exception):
            log.warning("service did not stop by itself", service=self._name, exc_info=True)
