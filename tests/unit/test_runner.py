"""How a service follows the log: messages, pulling, read model, rebuild, and events set aside."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest

from shop.contracts.commits import Commit, RecordedEvent
from shop.contracts.errors import ServiceUnavailable
from shop.contracts.events import OrderPlaced
from shop.event_sourcing.decision_context import LogContext
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.projector import POLL_SECONDS
from shop.event_sourcing.runner import TICK_SECONDS, Runner, retry_delay
from shop.event_sourcing.yielding import Yielding
from tests.support.waiting import let_others_run, wait_until
from tests.unit.support.counters import PRODUCT, STOCK, cancelled, placed, record, reserve, stock, stocked
from tests.unit.support.following import Following, following
from tests.unit.support.hand_turned import TURNS, HandTurned
from tests.unit.support.log_in_memory import LogInMemory
from tests.unit.support.read_model_in_memory import ReadModelInMemory

STREAM = STOCK.stream(PRODUCT)


def test_what_was_there_before_the_start_is_handled() -> None:
    log = LogInMemory()
    stocked(log, 2)
    record(log, placed())

    with following(log) as service:
        wait_until(lambda: service.model.shown == ["StockAdjusted", "OrderPlaced", "UnitsReserved"])

    assert stock(log).units == 1
    assert log.checkpoints["products"] >= 2


def test_a_message_that_continues_the_log_is_used_without_reading_again() -> None:
    log = LogInMemory()
    with following(log) as service:
        wait_until(lambda: service.projector.ready)
        log.calls.clear()
        stocked(log, 1)

        service.message(after=0)

        wait_until(lambda: service.model.shown == ["StockAdjusted"])
    assert log.calls.count("read_all") == 1, "more than the one that made the message"


def test_lost_repeated_and_late_messages_change_nothing() -> None:
    log = LogInMemory()
    stocked(log, 9)
    with following(log) as service:
        wait_until(lambda: service.projector.shown == 1)
        for _ in range(4):
            record(log, placed())

        service.message(after=3)
        service.message(after=2)
        service.message(after=3)

        wait_until(lambda: service.projector.shown == 9)
    assert service.model.shown.count("UnitsReserved") == 4
    assert stock(log).units == 5


def test_between_two_batches_others_are_given_way(monkeypatch: pytest.MonkeyPatch) -> None:
    log = LogInMemory()
    ways: list[int] = []
    with following(log) as service:
        wait_until(lambda: service.projector.ready)
        monkeypatch.setattr(Yielding, "give_way", lambda _: ways.append(service.projector.shown))
        for number in range(1, 4):
            stocked(log, 1)
            service.message(after=number - 1)
            wait_until(lambda shown=number: ways[-1:] == [shown])

    assert ways == [1, 2, 3]


def test_without_any_message_the_log_is_pulled_every_second() -> None:
    log, greenlets = LogInMemory(), HandTurned()
    with following(log, greenlets=greenlets) as service:
        wait_until(lambda: service.projector.ready)

        stocked(log, 1)

        greenlets.turn(TICK_SECONDS - 0.1)
        assert service.model.shown == []
        greenlets.turn(0.1)
        assert service.model.shown == ["StockAdjusted"]


def test_a_restart_repeats_nothing() -> None:
    log, model = LogInMemory(), ReadModelInMemory()
    stocked(log, 2)
    record(log, placed())
    with following(log, model) as service:
        wait_until(lambda: service.projector.shown == 3)

    with following(log, model) as service:
        wait_until(lambda: service.runner.reacted == 3)

    assert log.types(STREAM) == ["StockAdjusted", "UnitsReserved"]
    assert model.shown == ["StockAdjusted", "OrderPlaced", "UnitsReserved"]


def test_a_lost_read_model_is_rebuilt_and_no_reaction_is_repeated() -> None:
    log = LogInMemory()
    stocked(log, 2)
    record(log, placed())
    with following(log) as service:
        wait_until(lambda: service.projector.shown == 3)

    with following(log, ReadModelInMemory()) as service:
        wait_until(lambda: service.projector.shown == 3)

    assert service.model.shown == ["StockAdjusted", "OrderPlaced", "UnitsReserved"]
    assert len(log.commits) == 3


def test_a_read_model_that_goes_back_while_its_service_runs_shows_again_what_it_has_lost() -> None:
    log, model = LogInMemory(), ReadModelInMemory()
    with following(log, model):
        stocked(log, 1)
        wait_until(lambda: model.shown == ["StockAdjusted"])
        kept, rows = dict(model.kept), dict(model.rows)
        stocked(log, 1)
        wait_until(lambda: model.kept[1].position == 2)
        record(log, cancelled(uuid4()))  # is not shown
        wait_until(lambda: model.kept[1].position == 3)

        model.kept, model.rows = kept, rows

        wait_until(lambda: model.shown == ["StockAdjusted", "StockAdjusted"])
        wait_until(lambda: model.kept[1].position == 3)


def test_a_rebuild_on_request_replaces_the_read_model_when_it_has_caught_up() -> None:
    log = LogInMemory()
    stocked(log, 2)
    with following(log) as service:
        wait_until(lambda: service.projector.shown == 1)

        service.projector.request_rebuild("log")
        service.runner.wake()

        wait_until(lambda: [n.number for n in service.model.namespaces() if n.current] == [2])
        stocked(log, 1)
        service.message(after=1)
        wait_until(lambda: service.model.shown == ["StockAdjusted", "StockAdjusted"])


def test_a_caller_does_not_hear_of_another_process_that_feeds_the_read_model_too() -> None:
    log = LogInMemory()
    stocked(log, 1)
    with following(log) as service:
        wait_until(lambda: service.model.shown == ["StockAdjusted"])
        record(log, cancelled(uuid4()))  # is not shown
        service.message(after=1)
        wait_until(lambda: service.projector.shown == 2)
        service.model.kept[1] = replace(service.model.kept[1], position=2)

        service.projector.request_rebuild("log")

        wait_until(lambda: [n.number for n in service.model.namespaces() if n.current] == [2])


def test_many_who_wait_for_another_process_look_together() -> None:
    log, looks = LogInMemory(), []

    class Watched(ReadModelInMemory):
        def namespaces(self):
            looks.append(1)
            return super().namespaces()

    model, greenlets = Watched(), HandTurned()
    with following(log, model) as active:
        wait_until(lambda: active.projector.ready)
        standby = Following(log, model, greenlets=greenlets)
        standby.projector.look()
        callers = [eventlet.spawn(standby.projector.wait_for, 1, 2 * POLL_SECONDS) for _ in range(50)]
        greenlets.turn(0.0)
        looks.clear()
        greenlets.turn(1.1 * POLL_SECONDS)
        assert len(looks) == 1
        greenlets.turn(1.1 * POLL_SECONDS)
        assert not any(caller.wait() for caller in callers)

        callers = [eventlet.spawn(standby.projector.wait_for, 1, 5.0) for _ in range(50)]
        stocked(log, 1)
        active.message(after=0)
        wait_until(lambda: active.projector.shown == 1)
        greenlets.turn(1.1 * POLL_SECONDS)
        assert all(caller.dead and caller.wait() for caller in callers)


def test_a_read_model_that_is_deleted_while_the_service_runs_is_built_anew() -> None:
    log = LogInMemory()
    stocked(log, 2)
    with following(log) as service:
        wait_until(lambda: service.projector.shown == 1)
        service.model.kept.clear()
        service.model.rows.clear()

        wait_until(lambda: service.model.shown == ["StockAdjusted"])


def test_a_checkpoint_that_is_newer_than_the_log_heals_by_itself() -> None:
    log = LogInMemory()
    stocked(log, 2)
    log.checkpoints["products"] = 40

    with following(log) as service:
        wait_until(lambda: service.runner.reacted == 1)
        record(log, placed())
        service.message(after=1)
        wait_until(lambda: stock(log).units == 1)

    assert log.checkpoints["products"] == 2


def test_an_older_schema_is_rebuilt_at_the_start() -> None:
    log, model = LogInMemory(), ReadModelInMemory()
    stocked(log, 2)
    with following(log, model) as service:
        wait_until(lambda: service.projector.shown == 1)

    model.schema_version = 2
    with following(log, model):
        wait_until(lambda: [n.schema_version for n in model.namespaces()] == [2] and model.namespaces()[0].current)

    assert model.shown == ["StockAdjusted"]


def test_a_log_that_ends_earlier_than_the_read_model_has_it_rebuilt() -> None:
    log, model = LogInMemory(), ReadModelInMemory()
    stocked(log, 2)
    stocked(log, 2)
    with following(log, model) as service:
        wait_until(lambda: service.projector.shown == 2)
    log.commits.pop()
    log.checkpoints.clear()

    with following(log, model) as service:
        wait_until(lambda: service.projector.shown == 1)

    assert model.shown == ["StockAdjusted"]


def test_a_poisoned_event_is_set_aside_with_the_rest_of_its_saga_and_others_go_on() -> None:
    poisoned: UUID = uuid4()

    def sometimes(order: OrderPlaced, work: LogContext) -> Commit | None:
        if order.order_id == poisoned:
            raise ZeroDivisionError
        return reserve(order, work)

    log = LogInMemory()
    stocked(log, 9)
    record(log, placed(poisoned), correlation_id="poisoned")
    record(log, placed(), correlation_id="poisoned")
    record(log, placed(), correlation_id="good")

    with following(log, reaction=sometimes) as service:
        wait_until(lambda: service.runner.reacted >= 4)

    assert stock(log).units == 8
    letters = EventStoreClient(log).dead_letters("products")
    assert [(letter.position, letter.attempts) for letter in letters] == [(2, 6), (3, 0)]


def test_a_retry_handles_what_was_set_aside_in_order() -> None:
    cured = False

    def sick(order: OrderPlaced, work: LogContext) -> Commit | None:
        if not cured:
            raise ZeroDivisionError
        return reserve(order, work)

    log = LogInMemory()
    stocked(log, 9)
    record(log, placed(), correlation_id="poisoned")
    record(log, placed(), correlation_id="poisoned")

    with following(log, reaction=sick) as service:
        wait_until(lambda: service.runner.reacted >= 3)
        cured = True
        log.retrying.add("poisoned")

        wait_until(lambda: not log.letters)

        record(log, placed(), correlation_id="poisoned")
        wait_until(lambda: stock(log).units == 6)


def test_a_projection_that_cannot_show_an_event_leaves_it_out_and_goes_on() -> None:
    def picky(recorded: RecordedEvent, rows: Any) -> None:
        if recorded.position == 1:
            raise ZeroDivisionError
        rows.append(recorded.type)

    log = LogInMemory()
    stocked(log, 1)
    stocked(log, 1)

    with following(log, apply=picky) as service:
        wait_until(lambda: service.projector.shown == 2)

    assert service.model.shown == ["StockAdjusted"]
    assert [letter.reaction for letter in EventStoreClient(log).dead_letters("products")] == ["projection:show"]


def test_an_event_store_that_is_away_is_waited_for() -> None:
    log = LogInMemory()
    with following(log) as service:
        wait_until(lambda: service.projector.ready)
        log.away = True
        service.runner.notify({"log": "other", "head": 5, "commits": [], "after": 4})
        wait_until(lambda: not service.runner.active)
        log.away = False
        stocked(log, 3)

        wait_until(lambda: service.model.shown == ["StockAdjusted"])


def test_a_paused_service_shows_but_does_not_react_until_it_is_resumed() -> None:
    log = LogInMemory()
    stocked(log, 1)
    with following(log) as service:
        wait_until(lambda: service.projector.shown == 1)
        service.runner.paused = True
        record(log, placed())
        service.message(after=1)
        wait_until(lambda: service.projector.shown == 2)

        assert stock(log).units == 1
        service.runner.paused = False
        service.runner.wake()

        wait_until(lambda: stock(log).units == 0)


def test_a_stopped_runner_gives_its_lease_back() -> None:
    log = LogInMemory()

    with following(log):
        pass

    assert log.calls[-1] == "release_lease"


class LogThatIsAway(LogInMemory):
    """Counts how often it was asked in vain."""

    asked = 0

    def lease(self, name: str, holder: str, seconds: float) -> dict[str, Any]:
        self.asked += 1
        raise ServiceUnavailable("event_store")


def test_a_runner_that_waits_for_the_log_to_come_back_stops_at_once() -> None:
    log, greenlets = LogThatIsAway(), HandTurned()
    runner = Following(log, greenlets=greenlets).runner
    greenlet = eventlet.spawn(runner.run)
    for _ in range(3):
        greenlets.turn(retry_delay(10))
    asked = log.asked

    runner.stop()
    let_others_run(TURNS)

    assert greenlet.dead
    assert log.asked == asked > 2


class LogWithAnotherFollower(LogInMemory):
    """Another process holds the lease."""

    def lease(self, name: str, holder: str, seconds: float) -> dict[str, Any]:
        return {**super().lease(name, holder, seconds), "held": False}


def test_a_process_without_the_lease_sleeps_through_messages() -> None:
    log = LogWithAnotherFollower()
    waiting = Following(log)
    steps = Steps(waiting.runner)
    greenlet = eventlet.spawn(waiting.runner.run)
    wait_until(lambda: log.calls.count("lease") == 1)
    record(log, placed())

    waiting.message(after=0)
    wait_until(lambda: log.calls.count("lease") == 2)

    waiting.runner.stop()
    greenlet.wait()
    assert steps.taken < 10


class Steps:
    """Counts the steps of a runner, and makes one that never sleeps pause, for it would stop the whole test."""

    def __init__(self, runner: Runner) -> None:
        self.taken = 0
        self._step = runner._step
        runner._step = self._count  # type: ignore[method-assign]

    def _count(self) -> None:
        self.taken += 1
        let_others_run()
        self._step()
