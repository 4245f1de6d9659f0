"""Credit on a log: an order takes it once and gives it back once, however often its events are handled."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_svc.credit import CreditReservations
from customer_svc.decisions import edit
from customer_svc.domain import CUSTOMER, Customer, SetCredit, decide
from shop.contracts.commits import events_of
from shop.contracts.events import OrderCancelled, OrderPlaced
from shop.event_sourcing.decision_context import LogContext, Overlay, Reads
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.reactions import Job, Reactor
from shop.event_sourcing.stream_cache import StreamCache
from tests.unit.support.counters import record
from tests.unit.support.customer_builders import ORDER, OTHER_ORDER, eur, registering
from tests.unit.support.log_in_memory import LogInMemory

CREDIT = CreditReservations()
REACTIONS = {"OrderPlaced": CREDIT.reserve_credit, "OrderCancelled": CREDIT.release_credit}


def log_with_ann(credit: int = 1_000) -> LogInMemory:
    log = LogInMemory()
    record(log, *decide(None, registering(credit)))
    return log


def place(log: LogInMemory, order: UUID = ORDER, cents: int = 300) -> None:
    record(log, OrderPlaced(order_id=order, customer="Ann", lines=(), total=eur(cents), address=None))


def cancel(log: LogInMemory, order: UUID = ORDER) -> None:
    record(log, OrderCancelled(order_id=order, customer="Ann", was_approved=False))


def set_credit(log: LogInMemory, cents: int) -> None:
    """A manager's change of the credit, beside the reactions."""
    store = EventStoreClient(log)
    reads = Reads(store, StreamCache())
    states = {CUSTOMER.stream("ann"): CUSTOMER}
    overlay = Overlay(reads)
    overlay.want(dict(states))
    reads.fetch(overlay.wanted)
    work = LogContext(
        overlay, service="customers", actor="manager:m", correlation_id="m", command_id=f"set:{len(log.commits)}"
    )
    commit = edit(SetCredit(username="Ann", credit=eur(cents), reason="because"), work)
    if commit:
        store.append(commit)


def react(log: LogInMemory, after: int = 0, *, states: StreamCache | None = None) -> None:
    """The service's reactions to the events after a position, as one batch."""
    recorded = events_of(EventStoreClient(log).read_all(after).commits)
    jobs = [
        Job(event, REACTIONS[event.type].__name__, REACTIONS[event.type])
        for event in recorded
        if event.type in REACTIONS
    ]
    Reactor(EventStoreClient(log), states or StreamCache(), "customers").carry_out(jobs)


def ann_in(log: LogInMemory) -> Customer:
    stream = CUSTOMER.stream("ann")
    events = EventStoreClient(log).read_streams({stream: 0})[stream].events
    ann = CUSTOMER.fold(recorded.event for recorded in events)
    assert ann is not None
    return ann


def answers(log: LogInMemory) -> list[str]:
    return [type_ for type_ in log.types(CUSTOMER.stream("ann")) if type_.startswith("Credit")]


@pytest.mark.parametrize("apart", [True, False], ids=["in two batches", "in one batch"])
def test_what_an_order_took_goes_back(apart: bool) -> None:
    log = log_with_ann()
    place(log)
    if apart:
        react(log)
    cancel(log)

    react(log)

    assert (ann_in(log).credit, ann_in(log).reserved) == (eur(1_000), eur(0))
    assert answers(log) == ["CreditReserved", "CreditReleased"]


def test_an_order_that_was_refused_gives_nothing_back() -> None:
    log = log_with_ann(credit=100)
    place(log)
    cancel(log)

    react(log)

    assert answers(log) == ["CreditRejected"]


def test_an_order_that_never_asked_for_credit_gives_nothing_back() -> None:
    log = log_with_ann()
    cancel(log)

    react(log)

    assert answers(log) == []


def test_what_was_taken_goes_back_although_the_order_would_be_refused_by_now() -> None:
    """The batch in which the order was answered is handled again: its checkpoint had not moved."""
    log, states = log_with_ann(credit=300), StreamCache()
    place(log)
    react(log, states=states)
    cancel(log)

    react(log, states=states)

    assert answers(log) == ["CreditReserved", "CreditReleased"]


def test_orders_handled_again_take_nothing_from_those_that_follow() -> None:
    log = log_with_ann(credit=600)
    place(log)
    react(log)
    place(log, OTHER_ORDER)

    react(log)

    assert answers(log) == ["CreditReserved", "CreditReserved"]


def test_orders_that_end_together_are_asked_for_in_one_call() -> None:
    log = log_with_ann(credit=20)
    for number in range(20):
        place(log, UUID(int=number), cents=1)
    react(log)
    for number in range(20):
        cancel(log, UUID(int=number))
    log.calls.clear()

    react(log)

    assert ann_in(log).reserved == eur(0)
    assert log.calls.count("find") == 1


ORDERS = st.integers(0, 3).map(lambda number: UUID(int=number + 1))
STEPS = st.one_of(
    st.tuples(st.just("place"), ORDERS, st.integers(1, 500)),
    st.tuples(st.just("cancel"), ORDERS),
    st.tuples(st.just("set credit"), st.integers(0, 500)),
    st.tuples(st.just("handle"), st.integers(0, 40)),
    st.tuples(st.just("interfere"), st.integers(0, 500)),
)


@given(st.lists(STEPS, max_size=30))
def test_each_order_takes_and_gives_back_once_in_any_history(steps: list[tuple]) -> None:
    """Batches begin anywhere before what has been handled, on the memory of a process that has lived on."""
    log, states = log_with_ann(500), StreamCache()
    placed: set[UUID] = set()
    cancelled: set[UUID] = set()
    for step in steps:
        match step:
            case ("place", order, cents) if order not in placed:
                placed.add(order)
                place(log, order, cents)
            case ("cancel", order) if order in placed - cancelled:
                cancelled.add(order)
                cancel(log, order)
            case ("set credit", cents):
                set_credit(log, cents)
            case ("handle", back):
                react(log, max(0, len(log.commits) - back), states=states)
            case ("interfere", cents):
                log.before_append = lambda cents=cents: set_credit(log, cents)
    log.before_append = None

    react(log, states=states)

    taken = {order: took(log, order) for order in placed}
    assert len([each for each in answers(log) if each in ("CreditReserved", "CreditRejected")]) == len(placed)
    assert answers(log).count("CreditReleased") == sum(bool(taken[order]) for order in cancelled)
    assert ann_in(log).reserved.amount == sum(cents for order, cents in taken.items() if order not in cancelled)


def took(log: LogInMemory, order: UUID) -> int:
    commit = log.find([f"credit:{order}"])[f"credit:{order}"]
    (event,) = commit["events"]
    return event["data"]["amount"]["amount"] if event["type"] == "CreditReserved" else 0
