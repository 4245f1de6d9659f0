"""How a batch of reactions is decided and recorded."""

from uuid import uuid4

import pytest

from shop.contracts.commits import Commit, events_of
from shop.contracts.events import Event, OrderCancelled, OrderPlaced, StockAdjusted
from shop.event_sourcing.decision_context import LogContext, MissingReads, Reads
from shop.event_sourcing.event_store import Checkpoint, EventStoreClient
from shop.event_sourcing.reactions import Job, ReactionFailed, Reactor
from shop.event_sourcing.stream_cache import StreamCache
from tests.unit.support.counters import PRODUCT, STOCK, cancelled, placed, record, release, reserve, stock, stocked
from tests.unit.support.log_in_memory import LogInMemory

HANDLERS = {OrderPlaced.__name__: reserve, OrderCancelled.__name__: release}


def jobs(log: LogInMemory, after: int = 0) -> list[Job]:
    events = events_of(EventStoreClient(log).read_all(after).commits)
    return [
        Job(event, HANDLERS[event.type].__name__, HANDLERS[event.type]) for event in events if event.type in HANDLERS
    ]


def reactor(log: LogInMemory, states: StreamCache | None = None) -> Reactor:
    return Reactor(EventStoreClient(log), states or StreamCache(), "products")


def test_a_hundred_orders_for_one_product_cost_one_read_and_one_append() -> None:
    log = LogInMemory()
    stocked(log, 70)
    for _ in range(100):
        record(log, placed())
    work = jobs(log)
    log.calls.clear()

    reactor(log).carry_out(work, Checkpoint("products", 0, 101))

    assert stock(log).units == 0
    assert log.calls[:2] == ["read_streams", "append_many"]
    assert log.calls.count("append_many") == 1
    assert log.checkpoints["products"] == 101


def test_a_later_reaction_sees_what_an_earlier_one_of_the_batch_decided() -> None:
    log, order_id = LogInMemory(), uuid4()
    stocked(log, 1)
    record(log, placed(order_id))
    record(log, cancelled(order_id))

    reactor(log).carry_out(jobs(log), Checkpoint("products", 0, 3))

    assert log.types(STOCK.stream(PRODUCT)) == ["StockAdjusted", "UnitsReserved", "UnitsReleased"]


def test_what_somebody_else_was_faster_with_is_decided_again() -> None:
    log = LogInMemory()
    stocked(log, 1)
    record(log, placed())
    work = jobs(log)
    log.before_append = lambda: stocked(log, -1) and None

    reactor(log).carry_out(work, Checkpoint("products", 0, 2))

    assert stock(log).units == 0
    assert log.types(STOCK.stream(PRODUCT)) == ["StockAdjusted", "StockAdjusted"]
    assert log.checkpoints["products"] == 2


def test_nothing_to_do_is_never_decided_on_a_stale_state() -> None:
    log, states = LogInMemory(), StreamCache()
    stocked(log, 1)
    record(log, placed())
    reactor(log, states).carry_out(jobs(log), Checkpoint("products", 0, 2))
    stocked(log, 1)
    before = len(log.commits)
    record(log, placed())

    reactor(log, states).carry_out(jobs(log, before), Checkpoint("products", 2, before + 1))

    assert log.types(STOCK.stream(PRODUCT)).count("UnitsReserved") == 2


def test_nothing_to_do_is_decided_again_when_what_it_was_decided_on_is_refused() -> None:
    log, first, second = LogInMemory(), uuid4(), uuid4()
    stocked(log, 1)
    record(log, placed(first))
    record(log, placed(second))
    work = jobs(log)
    log.before_append = lambda: stocked(log, 1) and None

    reactor(log).carry_out(work, Checkpoint("products", 0, 3))

    assert stock(log).held == {first, second}


def test_a_step_that_is_recorded_already_does_not_happen_again() -> None:
    log = LogInMemory()
    stocked(log, 5)
    record(log, placed())
    record(log, placed())
    work = jobs(log)
    reactor(log).carry_out(work[:1])

    reactor(log).carry_out(work, Checkpoint("products", 0, 3))

    assert stock(log).units == 3
    assert log.types(STOCK.stream(PRODUCT)).count("UnitsReserved") == 2
    assert log.checkpoints["products"] == 3


def test_a_state_is_kept_where_later_only_the_version_is_asked_for() -> None:
    """A state of many events would have to be built anew for the next decision."""
    log, states = LogInMemory(), StreamCache()
    stocked(log, 5)
    stream = STOCK.stream(PRODUCT)
    reads = Reads(EventStoreClient(log), states)
    reads.fetch(MissingReads(streams={stream: STOCK}))
    stocked(log, 2)

    reads.fetch(MissingReads(streams={stream: None}))

    known = states.get(stream)
    assert known is not None
    assert (known.version, known.state) == (2, stock(log))


def test_a_checkpoint_moves_without_anything_to_do() -> None:
    log = LogInMemory()

    reactor(log).carry_out([], Checkpoint("products", 0, 7))

    assert log.checkpoints == {"products": 7}


def test_a_fault_names_its_event_and_leaves_the_checkpoint_alone() -> None:
    def faulty(event: Event, work: LogContext) -> Commit | None:
        raise ZeroDivisionError

    log = LogInMemory()
    position = record(log, placed())
    (recorded,) = events_of(EventStoreClient(log).read_all(0).commits)

    with pytest.raises(ReactionFailed) as failure:
        reactor(log).carry_out([Job(recorded, "faulty", faulty)], Checkpoint("products", 0, 1))

    assert failure.value.job.key == (position, "faulty")
    assert log.checkpoints == {}


def test_an_event_whose_data_cannot_be_read_is_the_fault_of_its_own_reaction_only() -> None:
    log = LogInMemory()
    stocked(log, 1)
    record(log, placed())
    log.commits[-1]["events"][0]["data"] = {"order_id": 7}

    with pytest.raises(ReactionFailed) as failure:
        reactor(log).carry_out(jobs(log), Checkpoint("products", 0, 2))

    assert failure.value.job.name == "reserve"


def test_a_stream_that_cannot_be_folded_fails_the_decision_that_needs_it() -> None:
    log = LogInMemory()
    stocked(log, 1)
    log.commits[0]["events"][0]["data"] = {}
    record(log, placed())

    with pytest.raises(ReactionFailed):
        reactor(log).carry_out(jobs(log), Checkpoint("products", 0, 2))


def begin(order: OrderPlaced, work: LogContext) -> Commit | None:
    """Count the order as a stock of its own, once."""
    begun = work.load_new(STOCK, order.order_id).units
    events = [] if begun else [StockAdjusted(product_id=order.order_id, change=1, reason="count")]
    return work.commit(events, once=f"begin:{order.order_id}")


def test_streams_that_begin_are_not_asked_for() -> None:
    log = LogInMemory()
    record(log, placed())
    record(log, placed())
    events = events_of(EventStoreClient(log).read_all(0).commits)
    log.calls.clear()

    reactor(log).carry_out([Job(event, "begin", begin) for event in events], Checkpoint("products", 0, 2))

    assert log.calls == ["append_many"]
    assert log.types(STOCK.stream(events[0].event.order_id)) == ["StockAdjusted"]


def test_a_stream_that_was_wrongly_taken_for_new_is_read_and_decided_on_again() -> None:
    log, order_id = LogInMemory(), uuid4()
    record(log, placed(order_id))
    record(log, StockAdjusted(product_id=order_id, change=7, reason="before"))
    (event, _) = events_of(EventStoreClient(log).read_all(0).commits)

    reactor(log).carry_out([Job(event, "begin", begin)], Checkpoint("products", 0, 1))

    assert log.types(STOCK.stream(order_id)) == ["StockAdjusted"]
    assert log.checkpoints["products"] == 1
