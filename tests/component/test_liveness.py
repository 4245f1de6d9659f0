"""A service that calls itself on a real broker: what it tells, when it ends itself, and how it stops."""

import os
import signal
from collections.abc import Iterator

import eventlet
import pytest
from eventlet import patcher
from nameko.standalone.rpc import ClusterRpcProxy

from shop.chassis import liveness
from shop.chassis.liveness import FILE, PIPE, Alive, Pulse
from shop.chassis.rpc import rpc
from tests.component.support.running import configuration, running
from tests.servers.rabbitmq import RabbitMQ
from tests.support.waiting import LIMIT, wait_until


class SlowService(Alive):
    """Has no dependency that uses the broker, like the event store."""

    name = "slow"
    calls = 0

    @rpc
    def think(self, seconds: float) -> str:
        type(self).calls += 1
        eventlet.sleep(seconds)
        return "done"


@pytest.fixture(scope="module")
def broker(tmp_path_factory) -> Iterator[RabbitMQ]:
    RabbitMQ.require_installed()
    broker = RabbitMQ(tmp_path_factory.mktemp("rabbitmq"))
    broker.start()
    yield broker
    broker.close()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    yield reader, writer
    os.close(reader)
    os.close(writer)


@pytest.fixture
def config(broker, pipe):
    SlowService.calls = 0
    return {"AMQP_URI": broker.uri, "max_workers": 2, PIPE: pipe[1]}


@pytest.fixture
def ended(monkeypatch):
    """Everything is fast; the exit codes with which the process would have ended."""
    codes = []
    monkeypatch.setattr(liveness, "SECONDS_BETWEEN_CALLS", 0.05)
    monkeypatch.setattr(liveness, "SECONDS_TO_ANSWER", 0.5)
    monkeypatch.setattr(liveness, "SECONDS_TO_GIVE_UP", 2.0)
    monkeypatch.setattr(liveness.os, "_exit", codes.append)
    return codes


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


def test_a_process_whose_workers_are_stuck_ends_itself(config, pipe, ended):
    with running(config, SlowService), ClusterRpcProxy(config, timeout=LIMIT) as cluster:
        wait_until(lambda: beats(pipe))
        stuck = [cluster.slow.think.call_async(5.0) for _ in range(config["max_workers"])]
        wait_until(lambda: SlowService.calls == 2)
        beats(pipe)

        wait_until(lambda: ended)

        assert beats(pipe) <= 1, "none but for a call that was answered just before"
        assert ended[0] == 1
        assert [call.result() for call in stuck] == ["done", "done"]


def test_while_the_broker_is_away_nobody_ends_itself(config, pipe, ended, broker):
    with running(config, SlowService):
        wait_until(lambda: beats(pipe))
        broker.kill()
        beats(pipe)
        eventlet.sleep(2 * liveness.SECONDS_TO_GIVE_UP)  # that it lasts so long is the point
        broker.start()

        wait_until(lambda: beats(pipe))

    assert ended == []


def test_work_in_flight_is_finished_answered_and_acknowledged(config):
    with ClusterRpcProxy(config, timeout=LIMIT) as cluster:
        with running(config, SlowService) as runner:
            answer = cluster.slow.think.call_async(3.0)
            wait_until(lambda: SlowService.calls)
            runner.stop()

        assert answer.result() == "done"
        with running(config, SlowService):
            assert cluster.slow.think(0) == "done"
    assert SlowService.calls == 2, "the finished call did not come again"


def test_within_one_process_nobody_calls_itself(tmp_path, pipe, ended):
    config = configuration(tmp_path, **{PIPE: pipe[1]})
    with running(config, SlowService), ClusterRpcProxy(config, timeout=LIMIT) as cluster:
        assert cluster.slow.think(0.3) == "done"

    assert beats(pipe) == 0


# The pulse


def test_a_process_whose_supervisor_has_gone_asks_itself_to_stop(monkeypatch):
    sent = []
    monkeypatch.setattr(liveness.os, "kill", lambda *arguments: sent.append(arguments))
    reader, writer = os.pipe()
    os.close(reader)
    pulse = Pulse(writer)

    pulse.beat()
    pulse.beat()
    os.close(writer)

    assert sent == [(os.getpid(), signal.SIGTERM)]


def test_time_without_a_sign_of_life_counts_from_the_first_failure():
    pulse = Pulse(None)

    assert pulse.fail() == 0.0
    eventlet.sleep(0.02)
    assert pulse.fail() >= 0.02
    pulse.excuse()
    assert pulse.fail() == 0.0
    eventlet.sleep(0.02)
    pulse.beat()
    assert pulse.fail() == 0.0
