"""Runs one website in this process."""

import sys
from typing import Any

import eventlet

from shop.http.endpoint import Endpoint
from shop.messaging.liveness import SECONDS_BETWEEN_CALLS, OwnPulse
from shop.service.settings import Settings
from shop_cli.endpoints import serves
from shop_cli.folder import DataFolder
from shop_cli.signals import StopSignal
from shop_cli.websites import Websites, websites


def run_site(name: str, config: dict[str, Any], folder: DataFolder, pipe: int | None) -> None:
    """Run the website until the process is asked to stop. Ends the process with code 1 if the site fails.

    Raises:
        Refusal: it cannot start.
    """
    settings = Settings.of(config)
    stop = StopSignal()
    site = Websites(settings, folder, [name])
    site.start(stop)
    [endpoint] = [known.endpoint for known in websites(settings) if known.name == name]
    eventlet.spawn(_ask_itself, endpoint, OwnPulse(pipe))
    try:
        stop.wait()
    except Exception:  # noqa: BLE001 - it is in the log
        sys.exit(1)
    site.stop()


def _ask_itself(endpoint: Endpoint, pulse: OwnPulse) -> None:
    while True:
        if serves(endpoint, "/healthz"):
            pulse.beat()
        eventlet.sleep(SECONDS_BETWEEN_CALLS)
