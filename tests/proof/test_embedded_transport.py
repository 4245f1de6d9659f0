"""The embedded transport's cost in time: at rest, until a message is there, and until a service has stopped."""

import subprocess
import sys
from pathlib import Path

from eventlet.queue import LightQueue

from tests.component.embedded.support.services import (
    Fruits,
    Shopper,
    fresh_uri,
    parcel_service,
    running,
    send_parcels,
)
from tests.proof.support.limits import limit, within

ROOT = Path(__file__).parents[2]
MESSAGES = 50


def test_a_message_wakes_its_consumer_at_once() -> None:
    uri, arrivals = fresh_uri(), LightQueue()

    with running(uri, parcel_service([], work=arrivals.put)), within(1.0, f"{MESSAGES} messages, one after the other"):
        for number in range(MESSAGES):
            send_parcels(uri, number)
            assert arrivals.get() == number


def test_an_idle_service_stops_at_once() -> None:
    with running(fresh_uri(), Fruits, Shopper) as containers, within(1.5, "two services that stop"):
        for container in containers:
            container.stop()


def test_six_idle_containers_take_less_than_two_percent_of_a_core() -> None:
    command = [sys.executable, "-W", "ignore", "-m", "tests.proof.support.idle"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < limit(2.0)
