"""The saga: exactly one decision, whatever order, number and company the answers come in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_svc.deciding import Saga, SagaAnswer, decide, evolve, saga_of, time_out
from order_svc.domain import Status
from shop.contracts.events import Event, OrderApproved, OrderRejected, Reason
from tests.unit.support.order_builders import (
    approved,
    cancelled,
    credit_rejected,
    credit_released,
    credit_reserved,
    placed,
    rejected,
    shipped,
    stock_rejected,
    stock_released,
    stock_reserved,
)

STOCK_ANSWERS = [stock_reserved(), stock_rejected(), stock_rejected(Reason.NOT_ON_SALE, Reason.OUT_OF_STOCK)]
CREDIT_ANSWERS = [credit_reserved(), credit_rejected()]


def name(event: object) -> str:
    return type(event).__name__


def test_an_order_with_stock_and_credit_is_approved():
    assert decide(saga_of([placed(), stock_reserved(), credit_reserved()])) == [approved()]


def test_answers_may_come_in_any_order():
    assert decide(saga_of([placed(), credit_reserved(), stock_reserved()])) == [approved()]


@pytest.mark.parametrize("answer", [*STOCK_ANSWERS, *CREDIT_ANSWERS], ids=name)
def test_one_answer_is_not_enough(answer: Event):
    assert decide(saga_of([placed(), answer])) == []


def test_a_refused_credit_rejects_the_order():
    assert decide(saga_of([placed(), stock_reserved(), credit_rejected()])) == [rejected(Reason.INSUFFICIENT_CREDIT)]


def test_a_refused_stock_rejects_the_order():
    assert decide(saga_of([placed(), stock_rejected(), credit_reserved()])) == [rejected(Reason.OUT_OF_STOCK)]


def test_reasons_are_named_once_and_always_in_the_same_order():
    answers = [credit_rejected(), stock_rejected(Reason.NOT_ON_SALE, Reason.OUT_OF_STOCK, Reason.NOT_ON_SALE)]

    decision = decide(saga_of([placed(), *answers]))

    assert decision == [rejected(Reason.OUT_OF_STOCK, Reason.NOT_ON_SALE, Reason.INSUFFICIENT_CREDIT)]


def test_an_order_nobody_answers_is_timed_out():
    assert time_out(saga_of([placed()])) == [rejected(Reason.TIMED_OUT)]


def test_a_time_out_names_what_was_refused_as_well():
    saga = saga_of([placed(), credit_rejected()])

    assert time_out(saga) == [rejected(Reason.INSUFFICIENT_CREDIT, Reason.TIMED_OUT)]


def test_a_time_out_with_all_answers_in_decides_as_always():
    assert time_out(saga_of([placed(), stock_reserved(), credit_reserved()])) == [approved()]


@pytest.mark.parametrize("decision", [approved(), rejected(), cancelled()], ids=name)
def test_nothing_follows_a_decision(decision: Event):
    saga = saga_of([placed(), stock_reserved(), decision, credit_reserved()])

    assert decide(saga) == []
    assert time_out(saga) == []


def test_answers_without_an_order_decide_nothing():
    saga = saga_of([stock_reserved(), credit_reserved()])

    assert decide(saga) == []
    assert time_out(saga) == []


def test_releases_do_not_count_as_answers():
    saga = saga_of([placed(), stock_released(), credit_released()])

    assert (saga.stock, saga.credit) == (SagaAnswer.PENDING, SagaAnswer.PENDING)


def test_the_saga_knows_where_its_order_stands():
    assert (
        saga_of([placed(), stock_reserved(), credit_reserved(), approved(), shipped()]).order.status is Status.SHIPPED
    )


START = Saga()


def run(arrivals: list[Event], saga: Saga = START) -> tuple[Saga, list[Event]]:
    """The saga and its decisions when these arrive one after another, and decisions are recorded at once."""
    decisions = []
    for event in arrivals:
        saga = evolve(saga, event)
        for decision in decide(saga):
            decisions.append(decision)
            saga = evolve(saga, decision)
    return saga, decisions


@st.composite
def arrivals(draw: st.DrawFn) -> list[Event]:
    """An order, at most one answer of each service, each delivered up to three times."""
    answers = [draw(st.sampled_from([None, *STOCK_ANSWERS])), draw(st.sampled_from([None, *CREDIT_ANSWERS]))]
    known = [answer for answer in answers if answer is not None]
    copies = [answer for answer in known for _ in range(draw(st.integers(1, 3)))]
    return [placed(), *draw(st.permutations(copies))]


@given(arrivals())
def test_an_order_is_decided_once_and_exactly_if_both_answered(events: list[Event]):
    _, decisions = run(events)

    answered = any(event in STOCK_ANSWERS for event in events) and any(event in CREDIT_ANSWERS for event in events)
    assert len(decisions) == answered


@given(arrivals())
def test_an_order_is_approved_exactly_if_everything_is_held(events: list[Event]):
    _, decisions = run(events)

    held = stock_reserved() in events and credit_reserved() in events
    assert (decisions == [approved()]) == held


@given(arrivals())
def test_a_rejection_gives_exactly_the_reasons_that_were_given(events: list[Event]):
    _, decisions = run(events)

    said = {shortage.reason for event in events for shortage in getattr(event, "shortages", ())}
    if credit_rejected() in events:
        said.add(Reason.INSUFFICIENT_CREDIT)
    for decision in decisions:
        if isinstance(decision, OrderRejected):
            assert set(decision.reasons) == said
            assert len(decision.reasons) == len(said)


@given(arrivals(), st.integers(1, 8))
def test_a_cancellation_at_any_moment_leaves_at_most_one_decision(events: list[Event], moment: int):
    saga, before = run(events[:moment])

    cancellable = saga.order.status in (Status.PLACED, Status.APPROVED)
    if cancellable:
        saga = evolve(saga, cancelled(was_approved=saga.order.status is Status.APPROVED))
    _, after = run(events[moment:], saga)

    assert len(before) <= 1
    assert not (cancellable and after)
    assert not (before and after)


@given(arrivals())
def test_after_a_time_out_every_order_is_decided_and_stays_so(events: list[Event]):
    saga, decisions = run(events)

    late = time_out(saga)

    assert len(decisions) + len(late) == 1
    for event in [*late, *events[1:]]:
        saga = evolve(saga, event)
    assert decide(saga) == time_out(saga) == []
    assert not any(isinstance(decision, OrderApproved) for decision in late)
