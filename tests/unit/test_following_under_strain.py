"""How a service follows the log when things overlap: load without pause, answers that come late, crashes in between."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import eventlet
from eventlet.event import Event

from shop.contracts import names
from shop.contracts.actors import Actor
from shop.contracts.commits import Commit, RecordedEvent, events_of
from shop.contracts.events import OrderCancelled, OrderPlaced, StockAdjusted, UnitsReleased, UnitsReserved
from shop.event_sourcing.decision_context import LogContext, MissingReads, Reads
from shop.event_sourcing.event_store import Checkpoint, DeadLetter, EventStoreClient
from shop.event_sourcing.log import Log
from shop.event_sourcing.reactions import Job, Reactor
from shop.event_sourcing.runner import TICK_SECONDS, Chore, Runner
from shop.event_sourcing.stream_cache import StreamCache
from shop.read_models.read_model import Namespace
from tests.support.waiting import let_others_run, wait_until
from tests.unit.support.counters import PRODUCT, STOCK, cancelled, placed, record, reserve, stock, stocked
from tests.unit.support.following import following
from tests.unit.support.hand_turned import HandTurned
from tests.unit.support.log_in_memory import LogInMemory
from tests.unit.support.read_model_in_memory import ReadModelInMemory

STREAM = STOCK.stream(PRODUCT)
OTHER = UUID(int=2)


class BusyLog(LogInMemory):
    """Takes some time to be read; where it is busy, others have appended meanwhile."""

    busy = False
    log_id = "log"
    seconds = 0.0

    def __init__(self, greenlets: HandTurned) -> None:
        super().__init__()
        self._greenlets = greenlets

    def read_all(self, after: int, limit: int = 1000) -> dict[str, Any]:
        self._greenlets.sleep(self.seconds)
        page = super().read_all(after, limit)
        if self.busy:
            stocked(self, 1)
        return {**page, "log": self.log_id, "head": len(self.commits)}

    def lease(self, *args: Any) -> dict[str, Any]:
        return {**super().lease(*args), "log": self.log_id}

    def stand_still(self) -> None:
        self.busy, self.seconds = False, 0.0
        self._greenlets.turn(1.0)


# Load without pause


def test_chores_are_done_and_the_lease_is_kept_while_the_log_never_stands_still() -> None:
    done: list[datetime] = []
    greenlets = HandTurned()
    log = BusyLog(greenlets)
    with following(log, chores=(Chore(0.1, done.append),), greenlets=greenlets) as service:
        wait_until(lambda: service.projector.ready)
        log.calls.clear()
        log.busy = True
        stocked(log, 1)
        service.message(after=0)
        log.seconds = 0.05

        for _ in range(80):
            greenlets.turn(log.seconds)

        assert log.calls.count("lease") > 1
        assert len(done) > 1
        assert service.projector.shown > 50
        log.stand_still()


def test_a_rebuild_ends_while_the_log_never_stands_still() -> None:
    greenlets = HandTurned()
    log = BusyLog(greenlets)
    for _ in range(5):
        stocked(log, 1)
    with following(log, greenlets=greenlets) as service:
        wait_until(lambda: service.projector.shown == 5)
        log.busy, log.seconds = True, 0.05

        service.projector.request_rebuild("log")
        service.runner.wake()
        for _ in range(80):
            greenlets.turn(log.seconds)

        assert [n.number for n in service.model.namespaces() if n.current] == [2]
        log.stand_still()
        wait_until(lambda: service.projector.shown == len(log.commits))
        assert service.model.shown == ["StockAdjusted"] * len(log.commits)


def test_a_chore_waits_until_others_had_time_to_catch_up_after_a_start() -> None:
    done: list[datetime] = []
    greenlets = HandTurned()
    chore = Chore(1.5 * TICK_SECONDS, done.append)
    with following(LogInMemory(), chores=(chore,), greenlets=greenlets) as service:
        wait_until(lambda: service.projector.ready)

        greenlets.turn(TICK_SECONDS)
        assert not done
        greenlets.turn(TICK_SECONDS)
        assert done


# Answers that come late


class SlowAnswers(LogInMemory):
    """Answers to `read_streams` are made at once, and arrive when they are let through."""

    arrival: Event | None = None

    def read_streams(self, wanted: Any) -> dict[str, Any]:
        answer = super().read_streams(wanted)
        if self.arrival:
            self.arrival.wait()
        return answer


def test_an_answer_that_comes_late_does_not_take_a_state_back() -> None:
    log, states = SlowAnswers(), StreamCache()
    stocked(log, 1)
    log.arrival = arrival = Event()
    late = eventlet.spawn(Reads(EventStoreClient(log), states).fetch, MissingReads(streams={STREAM: STOCK}))
    let_others_run()
    log.arrival = None
    stocked(log, 1)
    Reads(EventStoreClient(log), states).fetch(MissingReads(streams={STREAM: STOCK}))

    arrival.send()
    late.wait()

    known = states.get(STREAM)
    assert known
    assert (known.version, known.state.units) == (2, 2)


def test_a_command_knows_its_own_effects_when_the_memory_was_cleared_meanwhile() -> None:
    in_memory = LogInMemory()
    store = EventStoreClient(in_memory)
    runner = Runner(service="products", holder="here", store=store)
    log = Log(store=store, runner=runner, service="products", actor=Actor("bob", "manager"), correlation_id="trace")
    in_memory.before_append = runner.states.clear

    def deliver(work: LogContext) -> Commit | None:
        work.load(STOCK, PRODUCT)
        return work.commit([StockAdjusted(product_id=PRODUCT, change=5, reason="delivery")], once=work.command_id)

    done = log.execute(deliver)

    assert done.state(STOCK, PRODUCT).units == 5


# What is decided on a commit of the same batch


def reserve_all(order: OrderPlaced, work: LogContext) -> Commit | None:
    units = work.load(STOCK, PRODUCT).units
    event = UnitsReserved(product_id=PRODUCT, order_id=order.order_id, quantity=units)
    return work.commit([event], once=f"stock:{order.order_id}")


def note_elsewhere(order: OrderCancelled, work: LogContext) -> Commit | None:
    found = work.find(f"stock:{order.order_id}")
    assert found
    (first,) = found.events
    reserved: Any = first.event if isinstance(first, RecordedEvent) else first
    work.version(names.product_stream(OTHER))
    event = UnitsReleased(product_id=OTHER, order_id=order.order_id, quantity=reserved.quantity)
    return work.commit([event], once=f"note:{order.order_id}")


def test_what_was_decided_on_a_refused_commit_is_refused_with_it() -> None:
    log, order_id = LogInMemory(), uuid4()
    stocked(log, 1)
    record(log, placed(order_id))
    record(log, cancelled(order_id))
    handlers: dict[str, Any] = {"OrderPlaced": reserve_all, "OrderCancelled": note_elsewhere}
    events = events_of(EventStoreClient(log).read_all(0).commits)
    jobs = [Job(event, event.type, handlers[event.type]) for event in events if event.type in handlers]
    log.before_append = lambda: stocked(log, 6) and None

    Reactor(EventStoreClient(log), StreamCache(), "products").carry_out(jobs, Checkpoint("products", 0, 3))

    quantities = {event["type"]: event["data"].get("quantity") for event in log.events()}
    assert quantities["UnitsReserved"] == quantities["UnitsReleased"] == 7


# Events set aside


def fails_for(poisoned: UUID) -> Any:
    def reaction(order: OrderPlaced, work: LogContext) -> Commit | None:
        if order.order_id == poisoned:
            raise ZeroDivisionError
        return reserve(order, work)

    return reaction


def letters_of(log: LogInMemory) -> Sequence[DeadLetter]:
    return EventStoreClient(log).dead_letters("products")


def letters(log: LogInMemory) -> list[tuple[int, int, str]]:
    return [(letter.position, letter.attempts, letter.error) for letter in letters_of(log)]


def test_what_came_before_a_poisoned_event_of_the_same_saga_is_handled() -> None:
    log, poisoned = LogInMemory(), uuid4()
    stocked(log, 9)
    record(log, placed(), correlation_id="saga")
    record(log, placed(poisoned), correlation_id="saga")
    record(log, placed(), correlation_id="saga")

    with following(log, reaction=fails_for(poisoned)) as service:
        wait_until(lambda: service.runner.reacted >= 4)

    assert [(position, attempts) for position, attempts, _ in letters(log)] == [(3, 6), (4, 0)]
    assert stock(log).units == 8


def test_a_crash_after_setting_aside_keeps_what_the_letter_says() -> None:
    log, poisoned = LogInMemory(), uuid4()
    stocked(log, 9)
    record(log, placed(poisoned), correlation_id="saga")
    with following(log, reaction=fails_for(poisoned)) as service:
        wait_until(lambda: service.runner.reacted >= 2)
    log.checkpoints.clear()  # as if the process had ended before it moved

    with following(log, reaction=fails_for(poisoned)) as service:
        wait_until(lambda: service.runner.reacted >= 2)

    assert letters(log) == [(2, 6, "ZeroDivisionError()")]


def test_what_could_not_be_shown_is_shown_in_its_place_after_a_retry() -> None:
    cured, reacted = False, []

    def picky(recorded: RecordedEvent, rows: Any) -> None:
        if recorded.type == "OrderPlaced" and not cured:
            raise ZeroDivisionError
        rows.append(recorded.type)

    def react(order: OrderPlaced, work: LogContext) -> Commit | None:
        if not cured:
            raise ZeroDivisionError
        reacted.append(order.order_id)
        return reserve(order, work)

    log, order_id = LogInMemory(), uuid4()
    stocked(log, 9)
    record(log, placed(order_id), correlation_id="saga")
    stocked(log, 1)
    with following(log, reaction=react, apply=picky) as service:
        wait_until(lambda: service.projector.shown == 3)
        assert service.model.shown == ["StockAdjusted", "StockAdjusted"]
        assert {letter.reaction for letter in letters_of(log)} == {"reserve", "projection:show"}
        cured = True
        log.retrying.add("saga")

        wait_until(lambda: not log.letters)
        wait_until(lambda: len(service.model.shown) == 4)

    assert service.model.shown == ["StockAdjusted", "OrderPlaced", "StockAdjusted", "UnitsReserved"]
    assert stock(log).held == {order_id}


# Another log


def test_a_log_that_is_replaced_in_the_middle_of_a_rebuild_is_shown_in_the_end() -> None:
    model, greenlets = ReadModelInMemory(), HandTurned()
    log = BusyLog(greenlets)
    for _ in range(2000):
        log.commits.append({**log.commits[0], "position": len(log.commits) + 1} if log.commits else first_commit())
    log.seconds = 0.6
    with following(log, model, greenlets=greenlets) as service:
        greenlets.turn(log.seconds)
        assert service.projector.progress()
        del log.commits[3:]
        log.checkpoints.clear()
        log.log_id = "another"

        for _ in range(3):
            greenlets.turn(log.seconds)
        assert [namespace.log for namespace in model.namespaces()] == ["another"]
        log.stand_still()
        wait_until(lambda: service.projector.ready and service.projector.shown == 3)

    assert [namespace.log for namespace in model.namespaces()] == ["another"]


def first_commit() -> dict[str, Any]:
    log = LogInMemory()
    stocked(log, 1)
    return log.commits[0]


def test_a_new_leader_keeps_a_read_model_that_the_last_one_has_moved_on_since() -> None:
    """The log's head comes with the lease, and whoever had the lease before may not know yet that it is over."""

    class LeasedLong(LogInMemory):
        def lease(self, *args: Any) -> dict[str, Any]:
            return {**super().lease(*args), "head": 1}

    class Counted(ReadModelInMemory):
        created = 0

        def create(self, log: str) -> Namespace:
            self.created += 1
            return super().create(log)

    log, model = LeasedLong(), Counted()
    with following(log, model) as last:
        stocked(log, 1)
        stocked(log, 1)
        last.message(after=0)
        wait_until(lambda: model.shown == ["StockAdjusted", "StockAdjusted"])

    with following(log, model) as new:
        wait_until(lambda: new.projector.shown == 2)

    assert model.created == 1
