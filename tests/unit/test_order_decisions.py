"""The saga's decisions on a log: once per order, whoever else writes to it."""

from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_svc.deciding import Deciding, reject_late_order, saga_of
from shop.contracts.actors import Actor
from shop.contracts.commits import Commit, events_of
from shop.contracts.events import Event
from shop.event_sourcing.decision_context import LogContext
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.log import Log
from shop.event_sourcing.reactions import Job, Reactor
from shop.event_sourcing.runner import Runner
from shop.event_sourcing.stream_cache import StreamCache
from tests.unit.support.counters import record
from tests.unit.support.log_in_memory import LogInMemory
from tests.unit.support.order_builders import (
    ORDER,
    approved,
    cancelled,
    credit_rejected,
    credit_reserved,
    placed,
    rejected,
    stock_rejected,
    stock_reserved,
)

DECISIONS = {"OrderApproved", "OrderRejected"}
ANSWER_NAMES = Deciding.decide_order.reacts_to


def record_all(log: LogInMemory, *events: Event, order_id: UUID = ORDER) -> None:
    for event in events:
        record(log, event, correlation_id=str(order_id))


def of_order(log: LogInMemory, order_id: UUID = ORDER) -> list[str]:
    return log.types(f"order-{order_id}")


def react(answer: Event, work: LogContext) -> Commit | None:
    return Deciding().decide_order(answer, work)


def react_to_everything(log: LogInMemory, states: StreamCache | None = None, after: int = 0) -> None:
    """The orders service's reactions to all answers after a position, as one batch."""
    recorded = events_of(EventStoreClient(log).read_all(after).commits)
    jobs = [Job(event, "decide_order", react) for event in recorded if event.type in ANSWER_NAMES]
    Reactor(EventStoreClient(log), states or StreamCache(), "orders").carry_out(jobs)


def log_of(log: LogInMemory) -> Log:
    store = EventStoreClient(log)
    runner = Runner(service="orders", holder="here", store=store)
    return Log(store=store, runner=runner, service="orders", actor=Actor("orders", "service"), correlation_id="trace")


def test_an_order_is_approved_in_one_commit_of_its_own_saga():
    log = LogInMemory()
    record_all(log, placed(), stock_reserved(), credit_reserved())

    react_to_everything(log)

    commit = log.commits[-1]
    assert (commit["command_id"], commit["fingerprint"]) == (f"decide:{ORDER}", None)
    assert commit["events"] == [
        {"stream": f"order-{ORDER}", "type": "OrderApproved", "data": approved().dump(), "version": 2}
    ]
    assert commit["meta"]["correlation_id"] == str(ORDER)


def test_answers_that_come_one_after_another_decide_once():
    log, states = LogInMemory(), StreamCache()
    record_all(log, placed(), credit_rejected())
    react_to_everything(log, states)
    assert of_order(log) == ["OrderPlaced"]
    seen = len(log.commits)

    record_all(log, stock_reserved())
    react_to_everything(log, states, after=seen)
    react_to_everything(log, states)

    assert of_order(log) == ["OrderPlaced", "OrderRejected"]


def test_sixty_orders_are_decided_in_one_append():
    log, orders = LogInMemory(), [uuid4() for _ in range(60)]
    for order_id in orders:
        record_all(
            log, placed(order_id=order_id), stock_reserved(order_id), credit_reserved(order_id), order_id=order_id
        )
    log.calls.clear()

    react_to_everything(log)

    assert all(of_order(log, order_id) == ["OrderPlaced", "OrderApproved"] for order_id in orders)
    assert log.calls.count("append_many") == 1
    assert log.calls.count("read_correlations") == 1


def test_an_order_whose_placing_was_seen_is_decided_without_asking_the_log_for_its_events():
    log, states = LogInMemory(), StreamCache()
    record_all(log, placed(), stock_reserved(), credit_reserved())
    states.passed_from_first("another order")
    states.passed(EventStoreClient(log).read_all(0).commits)
    log.calls.clear()

    react_to_everything(log, states)

    assert of_order(log) == ["OrderPlaced", "OrderApproved"]
    assert "read_correlations" not in log.calls


def test_an_order_that_was_placed_before_this_process_began_is_asked_for():
    log, states = LogInMemory(), StreamCache()
    record_all(log, placed(), stock_reserved())
    before = len(log.commits)
    record_all(log, credit_reserved())
    states.passed_from_first("another order")
    states.passed(EventStoreClient(log).read_all(before).commits)

    react_to_everything(log, states, after=before)

    assert of_order(log) == ["OrderPlaced", "OrderApproved"]


@pytest.mark.parametrize("answer", [credit_reserved(), credit_rejected()])
def test_a_cancellation_in_the_last_moment_before_the_decision_wins(answer: Event):
    log = LogInMemory()
    record_all(log, placed(), stock_reserved(), answer)
    log.before_append = lambda: record_all(log, cancelled())

    react_to_everything(log)

    assert of_order(log) == ["OrderPlaced", "OrderCancelled"]


def test_a_cancellation_that_this_process_has_not_seen_wins():
    log, states = LogInMemory(), StreamCache()
    record_all(log, placed(), stock_reserved())
    react_to_everything(log, states)
    seen = len(log.commits)

    record_all(log, credit_reserved(), cancelled())
    react_to_everything(log, states, after=seen)

    assert of_order(log) == ["OrderPlaced", "OrderCancelled"]


def test_an_order_nobody_answers_is_rejected_as_timed_out():
    log = LogInMemory()
    record_all(log, placed(), stock_reserved())

    log_of(log).execute(lambda work: reject_late_order(ORDER, work))

    (event,) = log.commits[-1]["events"]
    assert (event["type"], event["data"]["reasons"]) == ("OrderRejected", ["timed_out"])
    assert log.commits[-1]["command_id"] == f"decide:{ORDER}"
    assert log.commits[-1]["meta"]["correlation_id"] == str(ORDER)


def test_a_time_out_comes_too_late_for_a_decided_order():
    log = LogInMemory()
    record_all(log, placed(), stock_reserved(), credit_reserved())
    log.before_append = lambda: react_to_everything(log)

    done = log_of(log).execute(lambda work: reject_late_order(ORDER, work))

    assert done.commit is None or done.commit.duplicate
    assert of_order(log) == ["OrderPlaced", "OrderApproved"]


def test_answers_that_come_after_the_time_out_decide_nothing():
    log = LogInMemory()
    record_all(log, placed(), rejected(), stock_reserved(), credit_reserved())

    react_to_everything(log)

    assert of_order(log) == ["OrderPlaced", "OrderRejected"]


def test_an_order_with_an_answer_that_cannot_be_read_is_ended_by_the_time_out():
    log = LogInMemory()
    record_all(log, placed(), stock_reserved(), credit_reserved())
    log.commits[1]["events"][0]["data"] = {"order_id": 7}

    log_of(log).execute(lambda work: reject_late_order(ORDER, work))

    assert log.commits[-1]["events"][0]["data"]["reasons"] == ["timed_out"]


ACTIONS = ["stock", "credit", "cancel", "react", "react again", "time out"]


@given(
    st.lists(st.sampled_from(ACTIONS), max_size=14),
    st.sampled_from([stock_reserved(), stock_rejected()]),
    st.sampled_from([credit_reserved(), credit_rejected()]),
)
def test_whatever_comes_when_an_order_is_decided_once_and_rightly(actions: Sequence[str], stock: Event, credit: Event):
    log, states = LogInMemory(), StreamCache()
    record_all(log, placed())
    acts: dict[str, Callable[[], object]] = {
        "stock": lambda: "stock" in once or record(log, stock, correlation_id=str(ORDER), once="stock"),
        "credit": lambda: "credit" in once or record(log, credit, correlation_id=str(ORDER), once="credit"),
        "cancel": lambda: len(of_order(log)) == 1 and record_all(log, cancelled()),
        "react": lambda: react_to_everything(log, states),
        "react again": lambda: react_to_everything(log),
        "time out": lambda: log_of(log).execute(lambda work: reject_late_order(ORDER, work)),
    }

    for action in actions:
        once = {commit["command_id"] for commit in log.commits}
        acts[action]()

    types = of_order(log)
    assert len(types) <= 2, "a second decision"
    if types[-1] == "OrderApproved":
        before = saga_of(recorded.event for recorded in events_of(EventStoreClient(log).read_all(0).commits))
        assert {str(before.stock), str(before.credit)} == {"reserved"}
