"""A service on a RabbitMQ that is not always there: it waits, serves again, and stops, whatever the broker does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import eventlet
import pytest
from eventlet.event import Event
from nameko.containers import ServiceContainer
from nameko.exceptions import UnknownService
from nameko.standalone.rpc import ClusterRpcProxy

from shop.chassis.rpc import Rpc, rpc
from shop.contracts.errors import ServiceUnavailable
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.wire import Wire
from tests.support.waiting import LIMIT, wait_until

SECONDS_TO_STOP = 6.0


class PatientService:
    name = "patient"

    patient = Rpc("patient")
    working = Event()
    go_on = Event()

    @rpc
    def echo(self, value: Any) -> Any:
        return value

    @rpc
    def ask_itself(self, value: Any) -> Any:
        return self.patient.echo(value)

    @rpc
    def take_long(self) -> str:
        self.working.send()
        self.go_on.wait()
        return "done"


@pytest.fixture(autouse=True)
def fresh_signals() -> None:
    PatientService.working, PatientService.go_on = Event(), Event()


class Patient:
    """The service, reached by it over the wire, and by us directly."""

    def __init__(self, broker: RabbitMQ, wire: Wire) -> None:
        self.wire = wire
        self._broker = broker.uri
        config = {"AMQP_URI": f"amqp://guest:guest@127.0.0.1:{wire.port}/", "SHOP": {"rpc_timeout_seconds": 1}}
        self.container = ServiceContainer(PatientService, config)
        self._starting: Any = None

    def start(self) -> None:
        """Returns at once: a service waits for its broker."""
        self._starting = eventlet.spawn(self.container.start)

    def stop(self) -> float:
        """Returns: the seconds that it took."""
        started = time.monotonic()
        with eventlet.Timeout(SECONDS_TO_STOP, AssertionError("it did not stop")):
            self.container.stop()
            self._starting.wait()
        assert not self.container._managed_threads
        return time.monotonic() - started

    @contextmanager
    def called(self) -> Iterator[Any]:
        with ClusterRpcProxy({"AMQP_URI": self._broker}, timeout=LIMIT) as cluster:
            yield cluster.patient

    def require_service(self) -> None:
        """It answers, and it reaches others and their answers reach it."""
        with self.called() as patient:
            assert wait_until(lambda: answer_of(patient)) == "still there"


def answer_of(patient: Any) -> Any:
    try:
        return patient.ask_itself("still there")
    except (ServiceUnavailable, UnknownService):
        return None


@pytest.fixture
def patient(rabbitmq: RabbitMQ, wire: Wire) -> Iterator[Patient]:
    patient = Patient(rabbitmq, wire)
    patient.start()
    yield patient
    wire.mend()
    patient.container.kill()
    patient.container.wait()


@pytest.fixture
def serving(patient: Patient) -> Patient:
    patient.require_service()
    return patient


@pytest.fixture
def waiting(rabbitmq: RabbitMQ, wire: Wire) -> Iterator[Patient]:
    """It has never met its broker."""
    wire.cut()
    patient = Patient(rabbitmq, wire)
    patient.start()
    eventlet.sleep(0.1)  # it is trying meanwhile
    yield patient
    wire.mend()
    patient.container.kill()


# Serving


def test_a_service_waits_for_its_broker(waiting: Patient) -> None:
    waiting.wire.mend()

    waiting.require_service()


@pytest.mark.parametrize("trouble", [Wire.cut, Wire.hold])
def test_a_service_serves_again_as_soon_as_the_broker_is_back(serving: Patient, trouble: Any) -> None:
    trouble(serving.wire)
    eventlet.sleep(0.5)  # not a wait for something: trouble that lasts
    serving.wire.mend()
    started = time.monotonic()

    serving.require_service()

    assert time.monotonic() - started < 3


@pytest.mark.parametrize("times", range(3))
def test_a_service_survives_one_trouble_after_the_other(serving: Patient, times: int) -> None:
    for _ in range(times + 2):
        serving.wire.cut()
        serving.wire.mend()
        eventlet.sleep(0.1 * times)  # not a wait for something: cut it at different moments

    serving.require_service()


@pytest.mark.parametrize("trouble", [Wire.cut, Wire.hold])
def test_a_call_that_is_cut_off_ends_in_time(serving: Patient, trouble: Any) -> None:
    asking = eventlet.spawn(caller_of(serving), "take_long")
    PatientService.working.wait()

    trouble(serving.wire)

    with eventlet.Timeout(5), pytest.raises(ServiceUnavailable):
        asking.wait()
    PatientService.go_on.send()
    serving.wire.mend()
    serving.require_service()


def caller_of(patient: Patient) -> Any:
    """Calls a method of the service from within the service, as its greenlets in the background do."""
    from shop.chassis.background import background
    from shop.chassis.rpc import Calls, Peer

    calls = next(extension for extension in patient.container.subextensions if isinstance(extension, Calls))

    def call(method: str) -> Any:
        return getattr(Peer(background(patient.container), "patient", calls), method)()

    return call


def test_an_answer_that_finds_the_broker_gone_does_not_end_the_service(serving: Patient) -> None:
    with serving.called() as called:
        called.take_long.call_async()
        PatientService.working.wait()
        serving.wire.cut()

        PatientService.go_on.send()
        wait_until(lambda: not serving.container._worker_threads)

    serving.wire.mend()
    # The request was not acknowledged, so it comes again.
    PatientService.working = Event()
    wait_until(PatientService.working.ready)
    serving.require_service()


# Stopping


def test_a_service_stops_at_once_in_peace(serving: Patient) -> None:
    assert serving.stop() < 1.5


def test_a_service_that_never_met_its_broker_stops_at_once(waiting: Patient) -> None:
    assert waiting.stop() < 0.5


def test_a_service_stops_while_the_broker_keeps_it_waiting_for_a_first_answer(rabbitmq: RabbitMQ, wire: Wire) -> None:
    wire.hold()
    patient = Patient(rabbitmq, wire)
    patient.start()
    wait_until(lambda: wire.calls)

    assert patient.stop() < 0.5


@pytest.mark.parametrize("trouble", [Wire.cut, Wire.hold])
def test_a_service_stops_soon_in_trouble(serving: Patient, trouble: Any) -> None:
    trouble(serving.wire)

    assert serving.stop() < 5


@pytest.mark.parametrize("trouble", [Wire.cut, Wire.hold])
def test_a_service_stops_soon_in_trouble_that_lasts(serving: Patient, trouble: Any) -> None:
    trouble(serving.wire)
    eventlet.sleep(1.5)  # not a wait for something: it is trying to connect again meanwhile

    assert serving.stop() < 5


def test_a_service_answers_what_it_has_begun_before_it_stops(serving: Patient) -> None:
    with serving.called() as called:
        reply = called.take_long.call_async()
        PatientService.working.wait()
        stopping = eventlet.spawn(serving.stop)
        eventlet.sleep(0.3)  # it is stopping meanwhile

        PatientService.go_on.send()

        assert reply.result() == "done"
    stopping.wait()


def test_a_service_stops_soon_when_its_last_answer_finds_the_broker_gone(serving: Patient) -> None:
    with serving.called() as called:
        called.take_long.call_async()
        PatientService.working.wait()
        serving.wire.cut()
        eventlet.spawn_after(0.3, PatientService.go_on.send)

        assert serving.stop() < 5


@pytest.mark.parametrize("trouble", [Wire.cut, Wire.hold])
def test_a_service_can_be_killed_in_trouble(serving: Patient, trouble: Any) -> None:
    trouble(serving.wire)

    with eventlet.Timeout(SECONDS_TO_STOP, AssertionError("it was not killed")):
        serving.container.kill()
        serving.container.wait()
