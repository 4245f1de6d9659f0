"""A service that calls itself on a real broker: its heartbeats, when it ends itself, and how it stops."""

import os
import signal
from collections.abc import Iterator

import eventlet
import pytest
from eventlet import patcher
from eventlet.event import Event
from kombu import Connection
from nameko.standalone.rpc import ClusterRpcProxy

from shop.messaging import consumer, liveness
from shop.messaging.liveness import FILE, PIPE, Alive, OwnPulse
from shop.messaging.rpc import rpc
from tests.component.support.running import configuration, running
from tests.support.clock import FakeClock
from tests.support.waiting import LIMIT, SOON, wait_until

SECONDS_FOR_SOME_ANSWER = 1.0
"""For one of the calls with which a process asks itself again and again: some have to be answered, most need not."""


class SlowService(Alive):
    """Has no dependency that uses the broker, like the event store."""

    name = "slow"
    calls = 0
    answer_found = Event()

    @rpc
    def think(self) -> str:
        type(self).calls += 1
        type(self).answer_found.wait()
        return "done"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    yield reader, writer
    os.close(reader)
    os.close(writer)


@pytest.fixture
def config(wire, pipe):
    SlowService.calls, SlowService.answer_found = 0, Event()
    return {"AMQP_URI": f"amqp://guest:guest@127.0.0.1:{wire.port}/", "max_workers": 2, PIPE: pipe[1]}


@pytest.fixture
def ended(monkeypatch):
    """The exit codes with which the process would have ended. It calls itself without a pause."""
    codes = []
    monkeypatch.setattr(liveness, "SECONDS_BETWEEN_CALLS", SOON)
    monkeypatch.setattr(liveness.os, "_exit", codes.append)
    return codes


@pytest.fixture
def clock(monkeypatch):
    """By which a process counts the time without a sign of life."""
    clock = FakeClock()
    monkeypatch.setattr(liveness, "time", clock)
    return clock


def beats(pipe):
    """How many signs of life came since the last call."""
    try:
        return len(patcher.original("os").read(pipe[0], 4096))
    except BlockingIOError:
        return 0


def test_a_process_that_can_be_called_says_so(config, pipe, ended):
    with running(config, SlowService):
        wait_until(lambda: beats(pipe))
        wait_until(lambda: beats(pipe))


def test_a_process_that_can_be_called_touches_its_file_for_those_who_cannot_have_a_pipe(config, tmp_path, ended):
    file = tmp_path / "alive"

    with running(config | {PIPE: None, FILE: str(file)}, SlowService):
        wait_until(file.exists)
        first = file.stat().st_mtime_ns
        wait_until(lambda: file.stat().st_mtime_ns > first)

    assert ended == []


def test_a_process_whose_workers_are_stuck_ends_itself(config, pipe, ended, clock, monkeypatch):
    monkeypatch.setattr(liveness, "SECONDS_TO_ANSWER", SOON)
    with running(config, SlowService), ClusterRpcProxy(config, timeout=LIMIT) as cluster:
        stuck = [cluster.slow.think.call_async() for _ in range(config["max_workers"])]
        wait_until(lambda: SlowService.calls == 2)
        beats(pipe)

        wait_until(lambda: clock.turn(liveness.SECONDS_TO_GIVE_UP) or ended, "the end of the process")

        assert beats(pipe) <= 1, "none but for a call that was answered just before"
        assert ended[0] == 1
        SlowService.answer_found.send()
        assert [call.result() for call in stuck] == ["done", "done"]


def test_while_the_broker_is_away_nobody_ends_itself(config, pipe, ended, *, clock, wire, monkeypatch):
    excused = []
    monkeypatch.setattr(OwnPulse, "excuse", lambda pulse: excused.append(excuse(pulse)))
    monkeypatch.setattr(liveness, "SECONDS_TO_ANSWER", SECONDS_FOR_SOME_ANSWER)
    monkeypatch.setattr(consumer, "SECONDS_FOR_A_CONNECTION", SOON)
    with running(config, SlowService):
        wait_until(lambda: beats(pipe))
        wire.cut()
        for failures in (1, 3):
            wait_until(lambda failures=failures: len(excused) >= failures)
            clock.turn(2 * liveness.SECONDS_TO_GIVE_UP)
        wire.mend()

        wait_until(lambda: beats(pipe))
        wait_until(lambda: beats(pipe))

    assert ended == []


excuse = OwnPulse.excuse


def test_work_in_flight_is_finished_answered_and_acknowledged(config, rabbitmq):
    with ClusterRpcProxy(config, timeout=LIMIT) as cluster:
        with running(config, SlowService) as runner:
            answer = cluster.slow.think.call_async()
            wait_until(lambda: SlowService.calls)
            stopping = eventlet.spawn(runner.stop)
            wait_until(lambda: consumers_of(rabbitmq, "rpc-slow") == 0)
            SlowService.answer_found.send()
            stopping.wait()

        assert answer.result() == "done"
        with running(config, SlowService):
            assert cluster.slow.think() == "done"
    assert SlowService.calls == 2, "the finished call did not come again"


def consumers_of(broker, queue):
    with Connection(broker.uri) as connection:
        return connection.channel().queue_declare(queue, passive=True).consumer_count


def test_within_one_process_nobody_calls_itself(tmp_path, pipe, ended):
    SlowService.answer_found = Event()
    SlowService.answer_found.send()
    config = configuration(tmp_path, **{PIPE: pipe[1]})
    with running(config, SlowService), ClusterRpcProxy(config, timeout=LIMIT) as cluster:
        for _ in range(3):
            assert cluster.slow.think() == "done"

    assert beats(pipe) == 0


# The pulse


def test_a_process_whose_supervisor_has_gone_asks_itself_to_stop(monkeypatch):
    sent = []
    monkeypatch.setattr(liveness.os, "kill", lambda *arguments: sent.append(arguments))
    reader, writer = os.pipe()
    os.close(reader)
    pulse = OwnPulse(writer)

    pulse.beat()
    pulse.beat()
    os.close(writer)

    assert sent == [(os.getpid(), signal.SIGTERM)]


def test_time_without_a_sign_of_life_counts_from_the_first_failure(clock):
    pulse = OwnPulse(None)

    assert pulse.fail() == 0.0
    clock.turn(2)
    assert pulse.fail() == 2.0
    pulse.excuse()
    assert pulse.fail() == 0.0
    clock.turn(2)
    pulse.beat()
    assert pulse.fail() == 0.0
