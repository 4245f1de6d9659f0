"""Terminal output that refreshes until Ctrl-C."""

from collections.abc import Callable

import eventlet
from rich.console import Console, RenderableType
from rich.live import Live

from shop_cli.signals import StopSignal

SECONDS_BETWEEN_LOOKS = 1.0


def show_until_interrupted(picture: Callable[[], RenderableType], console: Console) -> None:
    """Show the picture, refreshed each second. Raises: as `picture`."""
    # A KeyboardInterrupt raised within a finalizer would be lost.
    stop = StopSignal()
    with Live(picture(), console=console, auto_refresh=False) as live:
        looking = eventlet.spawn(_look_again_and_again, picture, live, stop)
        try:
            stop.wait()
        finally:
            looking.kill()


def _look_again_and_again(picture: Callable[[], RenderableType], live: Live, stop: StopSignal) -> None:
    try:
        while True:
            eventlet.sleep(SECONDS_BETWEEN_LOOKS)
            live.update(picture(), refresh=True)
    except Exception as error:  # noqa: BLE001 - raised again where the signal is waited for
        stop.fail(error)
