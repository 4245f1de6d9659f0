"""Snapshots spare whoever needs a long stream its folding, and can never be another state than the stream's."""

import inspect
import sys
from uuid import UUID

import pytest

from customer_svc.domain import CUSTOMER
from order_svc.domain import ORDER
from product_svc.reserving import STOCK
from shop.contracts.errors import ServiceUnavailable
from shop.contracts.events import CreditReserved
from shop.event_sourcing import snapshots, stream_cache
from shop.event_sourcing.decision_context import MissingReads, Reads
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.snapshots import dump_state, form_of, load_state
from shop.event_sourcing.stream_cache import StreamCache
from tests.unit.support.counters import record
from tests.unit.support.log_in_memory import LogInMemory
from tests.unit.support.order_builders import approved, euros, placed, stock_reserved
from tests.unit.test_customer_decisions import ann_in, log_with_ann, place, react
from tests.unit.test_long_histories import DECIDERS, HISTORIES

STREAM = "customer-ann"
AT_ONCE = 5


@pytest.fixture(autouse=True)
def short_is_long(monkeypatch):
    monkeypatch.setattr(stream_cache, "BETWEEN_SNAPSHOTS", AT_ONCE)


@pytest.fixture
def log() -> LogInMemory:
    """Ann has placed 49 orders."""
    log = log_with_ann(credit=10_000)
    log.at_once = AT_ONCE
    for number in range(49):
        record(log, CreditReserved(username="Ann", order_id=UUID(int=number), amount=euros(1)))
    return log


def look_up(log: LogInMemory, memory: StreamCache | None = None) -> list[str]:
    """Have a process that has this in memory find Ann as she is. Returns: the calls that it takes."""
    memory = memory or StreamCache()
    log.calls.clear()
    Reads(EventStoreClient(log), memory).fetch(MissingReads(streams={STREAM: CUSTOMER}))
    calls, known = list(log.calls), memory.get(STREAM)
    assert (known.version, known.state) == (len(log.types(STREAM)), ann_in(log))
    return calls


def pages(calls: list[str]) -> int:
    return calls.count("read_streams")


def test_a_long_stream_is_folded_once(log):
    assert pages(look_up(log)) == 10

    assert pages(look_up(log)) <= 2


def test_a_short_stream_costs_one_call():
    assert look_up(log_with_ann()) == ["read_streams"]


def test_a_snapshot_is_followed_by_what_came_later(log):
    look_up(log)
    record(log, CreditReserved(username="Ann", order_id=UUID(int=50), amount=euros(1)))

    assert pages(look_up(log)) <= 3


@pytest.mark.parametrize("lives_on", [True, False], ids=["the same process", "another process"])
def test_who_gives_up_half_way_has_not_worked_in_vain(log, lives_on, monkeypatch):
    memory, read_streams = StreamCache(), log.read_streams

    def fail_after_five(wanted):
        if pages(log.calls) == 5:
            raise ServiceUnavailable("event_store")
        return read_streams(wanted)

    monkeypatch.setattr(log, "read_streams", fail_after_five)
    with pytest.raises(ServiceUnavailable):
        look_up(log, memory)
    monkeypatch.setattr(log, "read_streams", read_streams)

    assert pages(look_up(log, memory if lives_on else StreamCache())) <= 6


def test_a_stream_that_is_in_memory_is_kept_as_it_grows(log):
    memory = StreamCache()
    look_up(log, memory)
    for number in range(1_000, 1_000 + 2 * AT_ONCE):
        before = len(log.commits)
        place(log, UUID(int=number), cents=1)
        react(log, before, states=memory)

    assert pages(look_up(log)) <= 2
    assert max(version for _, version in log.snapshots) > 50


def test_where_no_snapshot_can_be_kept_everything_works_all_the_same(log, monkeypatch):
    def refuse(_: object) -> None:
        raise ServiceUnavailable("event_store")

    monkeypatch.setattr(log, "keep_snapshots", refuse)

    assert pages(look_up(log)) == 10


def test_a_snapshot_by_other_rules_does_not_count(log):
    look_up(log)
    for kept in log.snapshots.values():
        kept.update(form="of another release", state=kept["state"].replace("Ann", "Eve"))

    assert pages(look_up(log)) == 10


@pytest.mark.parametrize("state", ["", "{", "[]", "{}", '{"username": 7}'])
def test_a_snapshot_that_cannot_be_read_does_not_count(log, state):
    look_up(log)
    for kept in log.snapshots.values():
        kept["state"] = state

    assert pages(look_up(log)) == 10


def test_a_state_that_cannot_be_told_exactly_is_not_kept(log, monkeypatch):
    monkeypatch.setattr(snapshots, "load_state", lambda *_: "something else")

    look_up(log)

    assert log.snapshots == {}


# Forms


@pytest.fixture
def new_forms():
    """Those of code as it stands now."""
    snapshots._form_of.cache_clear()
    yield
    snapshots._form_of.cache_clear()


def test_each_kind_of_state_has_its_form():
    assert len({form_of(decider) for decider in DECIDERS.values()}) == len(DECIDERS) - 1, "both books are alike"


@pytest.mark.parametrize("module", ["customer_svc.domain", "shop.contracts.events", "shop.contracts.codec"])
def test_other_code_is_another_form(module, new_forms, monkeypatch):
    before, source = form_of(CUSTOMER), inspect.getsource
    snapshots._form_of.cache_clear()

    def changed(of):
        return source(of) + "#" * (of is sys.modules[module])

    monkeypatch.setattr(inspect, "getsource", changed)

    assert form_of(CUSTOMER) != before


def test_code_that_cannot_be_read_has_no_form(new_forms, monkeypatch):
    def away(_: object) -> str:
        raise OSError

    monkeypatch.setattr(inspect, "getsource", away)

    assert form_of(CUSTOMER) is None


@pytest.mark.parametrize("kind", HISTORIES)
def test_a_state_comes_back_as_it_was(kind):
    decider = DECIDERS[kind]

    for orders in (0, 1, 7):
        state = decider.fold(HISTORIES[kind](orders))
        assert load_state(decider, dump_state(state)) == state


@pytest.mark.parametrize(
    ("decider", "events"),
    [(ORDER, []), (ORDER, [placed(), approved()]), (STOCK, [stock_reserved()]), (CUSTOMER, [])],
)
def test_other_states_come_back_as_well(decider, events):
    state = decider.fold(events)

    assert load_state(decider, dump_state(state)) == state
