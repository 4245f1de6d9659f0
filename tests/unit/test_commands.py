"""How a client's command is carried out."""

from uuid import uuid4

import eventlet
import pytest

from shop.contracts.actors import Actor
from shop.contracts.commits import Commit
from shop.contracts.decisions import Decide
from shop.contracts.errors import CommandReused, ServiceUnavailable, StockBelowZero
from shop.contracts.events import StockAdjusted
from shop.event_sourcing.decision_context import LogContext
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.log import Log
from shop.event_sourcing.projector import Projector
from shop.event_sourcing.runner import Runner
from shop.service.greenlets import Eventlet
from tests.support.waiting import let_others_run, wait_until
from tests.unit.support.counters import PRODUCT, STOCK, stock, stocked
from tests.unit.support.log_in_memory import LogInMemory
from tests.unit.support.read_model_in_memory import ReadModelInMemory


@pytest.fixture
def log_in_memory() -> LogInMemory:
    return LogInMemory()


@pytest.fixture
def log(log_in_memory: LogInMemory) -> Log:
    store = EventStoreClient(log_in_memory)
    runner = Runner(service="products", holder="here", store=store)
    return Log(store=store, runner=runner, service="products", actor=Actor("bob", "manager"), correlation_id="trace")


def adjust(change: int) -> Decide:
    def decide(work: LogContext) -> Commit | None:
        units = work.load(STOCK, PRODUCT).units
        if units + change < 0:
            raise StockBelowZero(str(PRODUCT))
        events = [StockAdjusted(product_id=PRODUCT, change=change, reason="count")] if change else []
        return work.commit(events, once=work.command_id)

    return decide


def test_a_command_is_recorded_with_who_asked_for_it(log: Log, log_in_memory: LogInMemory) -> None:
    done = log.execute(adjust(5))

    assert done.state(STOCK, PRODUCT).units == 5
    assert log_in_memory.commits[0]["meta"] | {"at": ""} == {
        "at": "", "correlation_id": "trace", "causation": 0, "actor": "manager:bob", "service": "products"
    }  # fmt: skip


def test_a_command_is_decided_again_when_somebody_else_was_faster(log: Log, log_in_memory: LogInMemory) -> None:
    log.execute(adjust(5))
    log_in_memory.before_append = lambda: stocked(log_in_memory, -3) and None

    with pytest.raises(StockBelowZero):
        log.execute(adjust(-4))

    assert stock(log_in_memory).units == 2


def test_a_refusal_is_made_on_what_the_log_holds_now(log: Log, log_in_memory: LogInMemory) -> None:
    log.execute(adjust(1))
    stocked(log_in_memory, 9)

    done = log.execute(adjust(-10))

    assert done.state(STOCK, PRODUCT).units == 0


def test_a_command_with_nothing_to_do_records_nothing(log: Log, log_in_memory: LogInMemory) -> None:
    done = log.execute(adjust(0))

    assert done.commit is None
    assert log_in_memory.commits == []


def test_the_same_key_and_request_happen_once(log: Log, log_in_memory: LogInMemory) -> None:
    first = log.execute(adjust(5), key="k", method="adjust", request={"change": 5})
    second = log.execute(adjust(5), key="k", method="adjust", request={"change": 5})

    assert first.commit
    assert second.commit
    assert second.commit.duplicate
    assert second.commit.position == first.commit.position
    assert second.state(STOCK, PRODUCT).units == stock(log_in_memory).units == 5


def test_the_same_key_for_another_request_is_refused(log: Log) -> None:
    log.execute(adjust(5), key="k", method="adjust", request={"change": 5})

    with pytest.raises(CommandReused):
        log.execute(adjust(6), key="k", method="adjust", request={"change": 6})


def test_a_repeat_that_would_be_refused_now_gives_what_the_first_try_gave(log: Log) -> None:
    log.execute(adjust(5))
    first = log.execute(adjust(-5), key="k", method="adjust", request={"change": -5})

    second = log.execute(adjust(-5), key="k", method="adjust", request={"change": -5})

    assert first.commit
    assert second.commit
    assert (second.commit.position, second.commit.duplicate) == (first.commit.position, True)


def test_many_at_once_leave_no_gap_between_deciding_and_recording(log: Log, log_in_memory: LogInMemory) -> None:
    log.execute(adjust(10))
    refused = []

    def take() -> None:
        try:
            log.execute(adjust(-1), once=f"take:{uuid4()}")
        except StockBelowZero:
            refused.append(1)

    pool = eventlet.GreenPool()
    for _ in range(30):
        pool.spawn(take)
    pool.waitall()

    assert (stock(log_in_memory).units, len(refused)) == (0, 20)


def test_of_many_at_once_each_is_overtaken_once_at_most(log: Log, log_in_memory: LogInMemory) -> None:
    log.execute(adjust(1))
    log_in_memory.before_each_append = let_others_run

    pool = eventlet.GreenPool()
    for _ in range(100):
        pool.spawn(log.execute, adjust(1))
    pool.waitall()

    assert stock(log_in_memory).units == 101
    assert log_in_memory.calls.count("append") <= 1 + 2 * 100


class Clock(Eventlet):
    """Moves by hand."""

    time = 0.0

    def monotonic(self) -> float:
        return self.time


def test_nothing_is_decided_for_a_caller_who_has_given_up(log_in_memory: LogInMemory) -> None:
    """A caller that asked again was told by then that there is not enough, and relies on it."""
    clock = Clock()
    store = EventStoreClient(log_in_memory)
    runner = Runner(service="products", holder="here", store=store, greenlets=clock)
    actor = Actor("bob", "manager")
    log = Log(store=store, runner=runner, service="products", actor=actor, correlation_id="trace", deadline=5.0)
    log.execute(adjust(5))

    def overtaken_by_more_after_too_long() -> None:
        stocked(log_in_memory, 10)
        clock.time = 5.1

    log_in_memory.before_append = overtaken_by_more_after_too_long

    with pytest.raises(ServiceUnavailable):
        log.execute(adjust(-4))

    assert stock(log_in_memory).units == 15


class LaggingRunner(Runner):
    """Its read model shows nothing until so many callers wait for it."""

    callers = 20
    waiting = 0

    def wait_for(self, position: int, seconds: float) -> bool:
        self.waiting += 1
        return wait_until(lambda: self.waiting == self.callers, "all callers to wait at once")


def test_who_waits_for_the_read_model_holds_up_nobody(log_in_memory: LogInMemory) -> None:
    store = EventStoreClient(log_in_memory)
    runner = LaggingRunner(service="products", holder="here", store=store)
    log = Log(store=store, runner=runner, service="products", actor=Actor("bob", "manager"), correlation_id="trace")
    log_in_memory.before_each_append = let_others_run

    pool = eventlet.GreenPool()
    for _ in range(runner.callers):
        pool.spawn(log.execute, adjust(1))
    pool.waitall()

    assert stock(log_in_memory).units == 20


def test_an_event_store_that_is_away_is_said_so(log: Log, log_in_memory: LogInMemory) -> None:
    log_in_memory.away = True

    with pytest.raises(ServiceUnavailable):
        log.execute(adjust(1))


def test_what_a_read_model_that_lags_does_not_show_is_not_said_to_be_unknown(log_in_memory: LogInMemory) -> None:
    store = EventStoreClient(log_in_memory)
    runner = Runner(service="products", holder="here", store=store)
    runner.serve(projector=Projector("products", store, ReadModelInMemory(), []))
    log = Log(store=store, runner=runner, service="products", actor=Actor("bob", "manager"), correlation_id="trace")
    stocked(log_in_memory, 1)

    with pytest.raises(ServiceUnavailable):
        log.catch_up()


def begin(units: int) -> Decide:
    def decide(work: LogContext) -> Commit | None:
        if work.load_new(STOCK, PRODUCT).units:
            raise StockBelowZero("begun")
        return work.commit([StockAdjusted(product_id=PRODUCT, change=units, reason="first")], once=work.command_id)

    return decide


def test_a_stream_that_begins_is_not_asked_for(log: Log, log_in_memory: LogInMemory) -> None:
    log.execute(begin(5))
    done = log.execute(adjust(-1))

    assert log_in_memory.calls == ["append", "append"]
    assert done.state(STOCK, PRODUCT).units == 4


def test_a_stream_wrongly_taken_for_new_is_read(log: Log, log_in_memory: LogInMemory) -> None:
    stocked(log_in_memory, 3)

    with pytest.raises(StockBelowZero, match="begun"):
        log.execute(begin(5))

    assert stock(log_in_memory).units == 3
