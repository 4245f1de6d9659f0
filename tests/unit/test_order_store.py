"""The orders read model on SQLite, as the projections fill it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import MetaData, create_engine

from order_svc.domain import Status
from order_svc.store import SqlOrders
from shop.contracts.codec import dump
from shop.contracts.errors import InvalidRequest
from shop.contracts.events import Event, Reason
from tests.unit.support.order_builders import (
    HOME,
    ORDER,
    approved,
    cancelled,
    credit_rejected,
    credit_released,
    credit_reserved,
    invoiced,
    placed,
    recorded,
    rejected,
    shipped,
    stock_rejected,
    stock_released,
    stock_reserved,
)

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def rows() -> Iterator[SqlOrders]:
    engine = create_engine("sqlite://")
    metadata = MetaData()
    tables = SqlOrders.tables(metadata, "r1_")
    with engine.connect() as connection:
        metadata.create_all(connection)
        yield SqlOrders(connection, lambda: tables, {})
    engine.dispose()


def add(rows: SqlOrders, position: int, *, customer: str = "Ada", at: datetime = NINE) -> UUID:
    order_id = uuid4()
    rows.add(recorded(placed(order_id=order_id, customer=customer), position=position, at=at))
    return order_id


def own(rows: SqlOrders, *events: Event) -> None:
    """Show events of the order's own stream after its first, in order."""
    for version, event in enumerate(events, start=2):
        rows.move(recorded(event, version=version))


def ids(page: dict) -> list[UUID]:
    return [UUID(order["id"]) for order in page["items"]]


def test_an_order_begins_placed_with_all_answers_pending(rows: SqlOrders):
    rows.add(recorded(placed(), at=NINE))

    assert rows.order(ORDER) == {
        "id": str(ORDER),
        "customer": "Ada",
        "status": "placed",
        "stock": "pending",
        "credit": "pending",
        "reason": None,
        "lines": [
            {
                "product_id": str(line.product_id),
                "name": line.name,
                "quantity": line.quantity,
                "unit_price": line.unit_price.dump(),
                "total": line.total.dump(),
            }
            for line in placed().lines
        ],
        "address": dump(HOME),
        "total": {"amount": 2448, "currency": "EUR"},
        "placed_at": "2026-11-23T09:00:00.000Z",
        "invoice": None,
        "version": 1,
    }


def test_an_unknown_order_has_no_row(rows: SqlOrders):
    assert rows.order(ORDER) is None


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ((approved(),), "approved"),
        ((approved(), shipped()), "shipped"),
        ((approved(), cancelled(was_approved=True)), "cancelled"),
        ((cancelled(),), "cancelled"),
        ((rejected(),), "rejected"),
    ],
)
def test_the_status_follows_the_orders_own_events(rows: SqlOrders, events: tuple[Event, ...], status: str):
    rows.add(recorded(placed()))

    own(rows, *events)

    assert rows.order(ORDER)["status"] == status
    assert rows.order(ORDER)["version"] == 1 + len(events)


def test_a_rejected_order_says_why(rows: SqlOrders):
    rows.add(recorded(placed()))

    own(rows, rejected(Reason.OUT_OF_STOCK, Reason.INSUFFICIENT_CREDIT))

    assert rows.order(ORDER)["reason"] == ["out_of_stock", "insufficient_credit"]


def test_an_event_that_was_shown_before_changes_nothing(rows: SqlOrders):
    rows.add(recorded(placed()))
    own(rows, approved(), cancelled(was_approved=True))

    rows.move(recorded(approved(), version=2))

    assert (rows.order(ORDER)["status"], rows.order(ORDER)["version"]) == ("cancelled", 3)


def test_an_event_that_could_not_be_shown_does_not_hide_what_came_after(rows: SqlOrders):
    rows.add(recorded(placed()))

    rows.move(recorded(cancelled(was_approved=True), version=3))

    assert (rows.order(ORDER)["status"], rows.order(ORDER)["version"]) == ("cancelled", 3)


@pytest.mark.parametrize(
    ("event", "column", "value"),
    [
        (stock_reserved(), "stock", "reserved"),
        (stock_rejected(), "stock", "rejected"),
        (stock_released(), "stock", "released"),
        (credit_reserved(), "credit", "reserved"),
        (credit_rejected(), "credit", "rejected"),
        (credit_released(), "credit", "released"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_the_answers_of_others_are_shown_beside_the_status(rows: SqlOrders, event: Event, column: str, value: str):
    rows.add(recorded(placed()))
    before = rows.order(ORDER)

    rows.show_holding(recorded(event))

    assert rows.order(ORDER) == before | {column: value}


def test_an_invoice_is_shown_by_its_number(rows: SqlOrders):
    rows.add(recorded(placed()))

    rows.show_invoice(recorded(invoiced(number=123)))

    assert rows.order(ORDER)["invoice"] == "2026-000123"


def test_others_orders_are_left_alone(rows: SqlOrders):
    other = add(rows, 7)
    before = rows.order(other)
    rows.add(recorded(placed(), position=8))

    own(rows, rejected())
    rows.show_holding(recorded(stock_reserved()))
    rows.show_invoice(recorded(invoiced()))

    assert rows.order(other) == before


# Lists


def everything(rows: SqlOrders, **changes: object) -> dict:
    asked = {"status": None, "customer": None, "placed_from": None, "placed_before": None}
    asked |= {"oldest_first": False, "limit": 20, "after": None}
    return rows.page(**(asked | changes))


def test_orders_are_listed_newest_first(rows: SqlOrders):
    added = [add(rows, position) for position in (3, 11, 7)]

    page = everything(rows)

    assert ids(page) == [added[1], added[2], added[0]]
    assert page["next"] is None


def test_pages_follow_one_another_without_gap_or_overlap_while_orders_come_in(rows: SqlOrders):
    added = [add(rows, position) for position in range(1, 8)]

    first = everything(rows, limit=3)
    add(rows, 99)
    second = everything(rows, limit=3, after=first["next"])
    third = everything(rows, limit=3, after=second["next"])

    assert ids(first) + ids(second) + ids(third) == added[::-1]
    assert third["next"] is None


@pytest.mark.parametrize("since", [None, NINE])
def test_orders_are_listed_oldest_first_page_by_page(rows: SqlOrders, since):
    added = [add(rows, position, at=NINE + timedelta(hours=position)) for position in range(5)]
    asked = {"oldest_first": True, "placed_from": since, "limit": 2}

    first = everything(rows, **asked)
    second = everything(rows, after=first["next"], **asked)
    add(rows, 99, at=NINE + timedelta(hours=99))
    third = everything(rows, after=second["next"], **asked)

    assert ids(first) + ids(second) + ids(third)[:1] == added


def test_a_full_last_page_has_no_next(rows: SqlOrders):
    add(rows, 1)
    add(rows, 2)

    assert everything(rows, limit=2)["next"] is None


def test_a_made_up_cursor_is_refused(rows: SqlOrders):
    with pytest.raises(InvalidRequest) as refusal:
        everything(rows, after="nonsense")

    assert list(refusal.value.errors) == ["after"]


def test_orders_are_found_by_status_and_customer_however_spelled(rows: SqlOrders):
    rows.add(recorded(placed(customer="Ada"), position=1))
    own(rows, approved())
    waiting = add(rows, 2, customer="Ada")
    of_bob = add(rows, 3, customer="bob")

    assert ids(everything(rows, customer="ADA")) == [waiting, ORDER]
    assert ids(everything(rows, status=Status.PLACED)) == [of_bob, waiting]
    assert ids(everything(rows, status=Status.PLACED, customer="ada")) == [waiting]
    assert ids(everything(rows, status=Status.SHIPPED)) == []


@pytest.mark.parametrize(
    ("since", "before", "found"),
    [
        (None, None, "CBA"),
        (NINE, None, "CBA"),
        (NINE + timedelta(milliseconds=1), None, "CB"),
        (NINE + timedelta(hours=1), None, "CB"),
        (NINE + timedelta(hours=2), None, "C"),
        (NINE + timedelta(hours=3), None, ""),
        (None, NINE, ""),
        (None, NINE + timedelta(hours=1), "A"),
        (None, NINE + timedelta(days=1), "CBA"),
        (NINE + timedelta(hours=1), NINE + timedelta(hours=2), "B"),
    ],
)
def test_orders_are_found_and_counted_by_time(rows: SqlOrders, since, before, found):
    added = {add(rows, position, at=NINE + timedelta(hours=position)): name for position, name in enumerate("ABC")}

    page = everything(rows, placed_from=since, placed_before=before)
    counts = rows.counts(placed_from=since, placed_before=before)

    assert [added[id_] for id_ in ids(page)] == list(found)
    assert counts == {"placed": len(found), "approved": 0, "rejected": 0, "cancelled": 0, "shipped": 0}


def test_times_that_go_backwards_where_a_clock_was_repaired_hide_no_order(rows: SqlOrders):
    days = [0, 3_000, 1, 2]
    added = [add(rows, position, at=NINE + timedelta(days=day)) for position, day in enumerate(days)]
    until = {"placed_from": NINE, "placed_before": NINE + timedelta(days=3)}

    assert ids(everything(rows, **until)) == [added[3], added[2], added[0]]
    assert ids(everything(rows, placed_from=NINE + timedelta(days=2))) == [added[1], added[3]]
    assert rows.counts(**until)["placed"] == 3
    first = everything(rows, limit=2, **until)
    assert ids(everything(rows, limit=2, after=first["next"], **until)) == [added[0]]


def test_orders_are_counted_by_status(rows: SqlOrders):
    add(rows, 1)
    add(rows, 2)
    rows.add(recorded(placed(), position=3))
    own(rows, approved())

    counts = rows.counts(placed_from=None, placed_before=None)

    assert counts == {"placed": 2, "approved": 1, "rejected": 0, "cancelled": 0, "shipped": 0}


# Late ones


def test_orders_that_wait_for_longer_are_found_oldest_first(rows: SqlOrders):
    early = [add(rows, position, at=NINE + timedelta(seconds=position)) for position in (1, 2, 3)]
    add(rows, 9, at=NINE + timedelta(seconds=9))

    late = rows.undecided(NINE + timedelta(seconds=9), NINE + timedelta(days=1), limit=20)

    assert late == early
    assert rows.undecided(NINE + timedelta(seconds=9), NINE + timedelta(days=1), limit=2) == early[:2]


def test_orders_of_a_clock_that_was_far_ahead_have_waited_too(rows: SqlOrders):
    ahead = add(rows, 1, at=NINE + timedelta(days=3_000))
    add(rows, 2, at=NINE)

    assert rows.undecided(NINE, NINE + timedelta(minutes=10), limit=20) == [ahead]


@pytest.mark.parametrize("decision", [approved(), rejected(), cancelled()], ids=lambda event: type(event).__name__)
def test_decided_orders_wait_for_nothing(rows: SqlOrders, decision: Event):
    rows.add(recorded(placed()))
    own(rows, decision)

    assert rows.undecided(NINE + timedelta(days=1), NINE + timedelta(days=1), limit=20) == []
