"""A service on a RabbitMQ that is not always there: it waits, serves again, and stops, whatever the broker does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import eventlet
import pytest
from eventlet.event import Event
from greenlet import GreenletExit
from kombu import Connection
from nameko.containers import ServiceContainer
from nameko.exceptions import UnknownService
from nameko.standalone.rpc import ClusterRpcProxy

from shop.contracts.errors import ServiceUnavailable
from shop.messaging import consumer, rpc_client
from shop.messaging.consumer import QueueConsumer
from shop.messaging.rpc import rpc
from shop.messaging.rpc_client import Calls, Peer, Reply, Rpc
from shop.service.background import background
from tests.component.support.patience import MOST_FOR_A_CALL, NEVER
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.wire import Wire
from tests.support.clock import FakeClock
from tests.support.waiting import LIMIT, SOON, let_others_run, wait_until


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
        config = {
            "AMQP_URI": f"amqp://guest:guest@127.0.0.1:{wire.port}/",
        }
        self.container = ServiceContainer(PatientService, config)
        self._starting: Any = None

    def start(self) -> None:
        """Returns at once: a service waits for its broker."""
        self._starting = eventlet.spawn(self.container.start)

    def stop(self) -> None:
        self.container.stop()
        self._starting.wait()
        assert not self.container._managed_threads

    @contextmanager
    def called(self) -> Iterator[Any]:
        with ClusterRpcProxy({"AMQP_URI": self._broker}, timeout=LIMIT) as cluster:
            yield cluster.patient

    def is_asked_no_more(self) -> bool:
        """Whether it has told the broker to send it no more requests."""
        with Connection(self._broker) as connection:
            return connection.channel().queue_declare("rpc-patient", passive=True).consumer_count == 0

    def require_service(self) -> None:
        """It answers, and it reaches others and their answers reach it."""
        with self.called() as patient:
            assert wait_until(lambda: answer_of(patient)) == "still there"


def answer_of(patient: Any) -> Any:
    try:
        return patient.ask_itself("still there")
    except (ServiceUnavailable, UnknownService):
        return None


class Tries:
    """Counts the tries to connect that have ended: the wait until the next then has its length already."""

    def __init__(self) -> None:
        self._number = 0

    def count(self, try_to_connect: Any) -> Any:
        def counted(*arguments: Any) -> bool:
            try:
                return try_to_connect(*arguments)
            finally:
                self._number += 1

        return counted

    def wait_for(self, more: int) -> None:
        wanted = self._number + more
        wait_until(lambda: self._number >= wanted, f"{more} tries to connect")


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> Tries:
    """They follow upon each other soon."""
    tries = Tries()
    monkeypatch.setattr(QueueConsumer, "_try_to_connect", tries.count(QueueConsumer._try_to_connect))
    monkeypatch.setattr(consumer, "SECONDS_BETWEEN_TRIES", SOON)
    return tries


@pytest.fixture
def short_farewell(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a broker that bids none."""
    monkeypatch.setattr(consumer, "SECONDS_FOR_A_FAREWELL", SOON)


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
def waiting(rabbitmq: RabbitMQ, wire: Wire, tries: Tries) -> Iterator[Patient]:
    """It has never met its broker."""
    wire.cut()
    patient = Patient(rabbitmq, wire)
    patient.start()
    tries.wait_for(2)
    yield patient
    wire.mend()
    patient.container.kill()


# Serving


def test_a_service_waits_for_its_broker(waiting: Patient) -> None:
    waiting.wire.mend()

    waiting.require_service()


def test_a_service_tries_again_and_again_and_serves_when_the_broker_is_back(serving: Patient, tries: Tries) -> None:
    serving.wire.cut()
    tries.wait_for(10)
    serving.wire.mend()

    serving.require_service()


def test_a_service_serves_again_when_the_broker_goes_on(serving: Patient) -> None:
    serving.wire.hold()
    with serving.called() as patient:
        held_up = patient.ask_itself.call_async("still there")
        let_others_run(20)
        serving.wire.mend()

        assert held_up.result() == "still there"


@pytest.mark.parametrize("moment", ["at once", "while it connects", "when it has connected"])
def test_a_service_survives_one_trouble_after_the_other(serving: Patient, tries: Tries, moment: str) -> None:
    for _ in range(4):
        before = serving.wire.calls
        serving.wire.cut()
        serving.wire.mend()
        if moment == "while it connects":
            wait_until(lambda before=before: serving.wire.calls > before)  # type: ignore[misc]
        elif moment == "when it has connected":
            serving.require_service()

    serving.require_service()


@pytest.mark.parametrize("trouble", [Wire.cut, Wire.hold])
def test_a_call_that_is_cut_off_ends_in_time(serving: Patient, trouble: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    monkeypatch.setattr(rpc_client, "time", clock)
    reply = call_of(serving, "take_long")
    PatientService.working.wait()

    trouble(serving.wire)
    clock.turn(MOST_FOR_A_CALL)

    with pytest.raises(ServiceUnavailable):
        reply.result()
    PatientService.go_on.send()
    serving.wire.mend()
    serving.require_service()


def call_of(patient: Patient, method: str) -> Reply:
    """Call a method of the service from within the service, as its greenlets in the background do."""
    calls = next(extension for extension in patient.container.subextensions if isinstance(extension, Calls))
    reply: Reply = getattr(Peer(background(patient.container), "patient", calls), method).call_async()
    return reply


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


# A service that waited for anything longer than it should would never stop here: see `patient_shop`.


def test_a_service_stops_in_peace_and_breaks_nothing_off(serving: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    broken_off = []
    monkeypatch.setattr(QueueConsumer, "_hang_up", broken_off.append)

    serving.stop()

    assert broken_off == []


def test_a_service_that_never_met_its_broker_stops_without_it(
    waiting: Patient, tries: Tries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "SECONDS_BETWEEN_TRIES", NEVER)
    tries.wait_for(1)

    waiting.stop()


def test_a_service_stops_while_the_broker_keeps_it_waiting_for_a_first_answer(
    rabbitmq: RabbitMQ, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_off, try_to_connect = [], QueueConsumer._try_to_connect

    def try_until_killed(*arguments: Any) -> bool:
        try:
            return try_to_connect(*arguments)
        except GreenletExit:
            broken_off.append(True)
            raise

    monkeypatch.setattr(QueueConsumer, "_try_to_connect", try_until_killed)
    wire.hold()
    patient = Patient(rabbitmq, wire)
    patient.start()
    wait_until(lambda: wire.calls)

    patient.stop()

    assert broken_off


@pytest.mark.parametrize("trouble", [Wire.cut, Wire.hold])
def test_a_service_stops_in_trouble(serving: Patient, trouble: Any, short_farewell: None) -> None:
    trouble(serving.wire)

    serving.stop()


def test_a_service_stops_in_trouble_that_lasts(serving: Patient, tries: Tries) -> None:
    serving.wire.cut()
    tries.wait_for(2)

    serving.stop()


def test_a_service_answers_what_it_has_begun_before_it_stops(serving: Patient) -> None:
    with serving.called() as called:
        reply = called.take_long.call_async()
        PatientService.working.wait()
        stopping = eventlet.spawn(serving.stop)
        wait_until(serving.is_asked_no_more)

        PatientService.go_on.send()

        assert reply.result() == "done"
    stopping.wait()


def test_a_service_stops_when_its_last_answer_finds_the_broker_gone(serving: Patient) -> None:
    with serving.called() as called:
        called.take_long.call_async()
        PatientService.working.wait()
        serving.wire.cut()
        stopping = eventlet.spawn(serving.stop)
        let_others_run(20)

        PatientService.go_on.send()
        stopping.wait()


@pytest.mark.parametrize("trouble", [Wire.cut, Wire.hold])
def test_a_service_can_be_killed_in_trouble(serving: Patient, trouble: Any, short_farewell: None) -> None:
    trouble(serving.wire)

    serving.container.kill()
    serving.container.wait()
