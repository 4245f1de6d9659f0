"""Runs a site in a process of its own, as in `python -m storefront_web`. Green threads must be patched in first."""

import logging
import os
import signal
import sys
from collections.abc import Callable

import eventlet
from eventlet.hubs import trampoline
from flask import Flask

from shop.http.listening import allow_many_files
from shop.web.server import SiteServer
from shop.web.settings import SiteSettings, address_of

FAILED = b"failed"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def serve(create_app: Callable[[SiteSettings], Flask], *, name: str, address_variable: str, default: str) -> None:
    """Serve the site until the process is asked to stop.

    If it cannot start, ends the process with status 2 and a message.

    Args:
        name: the site's name in messages.
        address_variable: the environment variable with its address.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    allow_many_files()
    address = os.environ.get(address_variable) or default
    try:
        host, port = address_of(address, address_variable)
        server = SiteServer(create_app(SiteSettings.from_environment(os.environ)), host, port)
        server.start()
    except ValueError as error:
        sys.exit(_refused(str(error)))
    except OSError as error:
        reason = f"The {name} cannot listen on {address}: {error.strerror}."
        sys.exit(_refused(f"{reason} Choose another address with {address_variable}."))
    sys.stdout.write(f"Ready. {name.capitalize()}: http://{address}\n")
    sys.stdout.flush()
    has_failed = _wait_for_the_end(server)
    server.stop()
    if has_failed:
        sys.exit(1)


def _refused(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return 2


def _wait_for_the_end(server: SiteServer) -> bool:
    """Return when the process is asked to stop, or the server has failed. Returns: whether it failed.

    A signal arrives as a byte in a pipe, which wakes the hub; a handler alone would not.
    """
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in SIGNALS:
        signal.signal(number, lambda *_: None)
    eventlet.spawn(server.wait).link(lambda _: os.write(writer, FAILED))
    trampoline(reader, read=True)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)  # a second signal ends the process at once
    return FAILED in os.read(reader, 64)
