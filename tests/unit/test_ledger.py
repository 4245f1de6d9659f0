"""The books that system tests keep must find what is wrong."""

from copy import deepcopy
from typing import Any

import pytest

from tools.chaos.ledger import Books

Json = dict[str, Any]

EUR = {"currency": "EUR"}
LINES = [{"product_id": "p", "name": "Pen", "quantity": 2, "unit_price": {"amount": 300, **EUR}}]
TOTAL = {"total": {"amount": 600, **EUR}, "lines": LINES}
ORDER: Json = {"order_id": "o"}
UNITS: Json = {"product_id": "p", "quantity": 2, **ORDER}
AMOUNT: Json = {"username": "Alice", "amount": {"amount": 600, **EUR}, **ORDER}


def event(stream: str, type_: str, **data: Any) -> Json:
    return {"stream": stream, "type": type_, "data": data}


def a_day() -> list[list[Json]]:
    """An order that is approved, then cancelled; one list of events for each commit."""
    return [
        [event("product-p", "ProductAdded", product_id="p", units_in_stock=5)],
        [event("customer-alice", "CustomerRegistered", username="alice", credit={"amount": 1000, **EUR})],
        [event("order-o", "OrderPlaced", customer="alice", **ORDER, **TOTAL)],
        [event("stock-o", "StockReserved", **ORDER), event("product-p", "UnitsReserved", **UNITS)],
        [event("customer-alice", "CreditReserved", **AMOUNT)],
        [event("order-o", "OrderApproved", **ORDER, **TOTAL)],
        [event("invoices-2026", "InvoiceIssued", year=2026, number=1, **ORDER, **TOTAL)],
        [event("order-o", "OrderCancelled", **ORDER)],
        [event("stock-o", "StockReleased", **ORDER), event("product-p", "UnitsReleased", **UNITS)],
        [event("customer-alice", "CreditReleased", **AMOUNT)],
        [event("credit-notes-2026", "CreditNoteIssued", year=2026, number=1, **ORDER, total=TOTAL["total"])],
    ]


def books_of(day: list[list[Json]]) -> Books:
    books, versions = Books(), {}
    for position, events in enumerate(deepcopy(day), start=1):
        for each in events:
            versions[each["stream"]] = each["version"] = versions.get(each["stream"], 0) + 1
        books.add(
            {
                "position": position,
                "command_id": f"step {position}",
                "events": events,
                "meta": {"at": "2026-11-23T09:30:00.000Z"},
                "prev": f"hash {position - 1}",
                "hash": f"hash {position}",
            }
        )
    return books


def test_a_day_on_which_all_goes_well_has_no_faults() -> None:
    books = books_of(a_day())

    assert books.faults == []
    assert books.under_way == []
    assert (books.units, books.credit, books.reserved("alice")) == ({"p": 5}, {"alice": 1000}, (0, 0))


def test_the_day_is_sound_at_every_moment_and_the_order_under_way_until_it_ends() -> None:
    day = a_day()

    moments = [books_of(day[:end]) for end in range(len(day) + 1)]

    assert [fault for books in moments for fault in books.faults] == []
    ended = [end for end, books in enumerate(moments) if not books.under_way]
    assert ended == [0, 1, 2, 7, 11], "nothing is under way before the order, after its invoice and at the end"


@pytest.mark.parametrize("missing", range(3, 11))
def test_a_step_that_is_missing_is_found(missing: int) -> None:
    day = a_day()
    del day[missing]

    books = books_of(day)

    assert books.faults or books.under_way == ["o"]


@pytest.mark.parametrize("repeated", range(11))
def test_a_step_that_happened_twice_is_found(repeated: int) -> None:
    day = a_day()
    day.insert(repeated + 1, day[repeated])

    assert books_of(day).faults


CHANGES = {
    "less stock than is sold": (0, 0, "units_in_stock", 1),
    "less credit than is spent": (1, 0, "credit", {"amount": 599, **EUR}),
    "too few units reserved": (3, 1, "quantity", 1),
    "too little credit reserved": (4, 0, "amount", {"amount": 599, **EUR}),
    "another total approved": (5, 0, "total", {"amount": 601, **EUR}),
    "an invoice with a gap before it": (6, 0, "number", 2),
    "an invoice of another amount": (6, 0, "total", {"amount": 599, **EUR}),
    "too many units released": (8, 1, "quantity", 3),
    "too much credit released": (9, 0, "amount", {"amount": 601, **EUR}),
    "the credit of somebody else released": (9, 0, "username", "bob"),
}


@pytest.mark.parametrize(("at", "number", "field", "value"), CHANGES.values(), ids=CHANGES)
def test_a_wrong_value_is_found(at: int, number: int, field: str, value: Any) -> None:
    day = a_day()
    day[at][number]["data"][field] = value

    assert books_of(day).faults


def test_units_reserved_apart_from_the_rest_are_found() -> None:
    day = a_day()
    day.insert(4, [day[3].pop()])

    assert books_of(day).faults


def test_a_sale_after_the_product_was_withdrawn_is_found() -> None:
    day = a_day()
    day.insert(3, [event("product-p", "ProductWithdrawn", product_id="p")])

    assert books_of(day).faults


@pytest.mark.parametrize(
    ("reasons", "sound"),
    [(["out_of_stock"], True), ([], False), (["not_on_sale"], False), (["insufficient_credit"], False)],
)
def test_a_rejection_has_the_reasons_that_were_given(reasons: list[str], sound: bool) -> None:
    short = {"product_id": "p", "requested": 2, "available": 1, "reason": "out_of_stock"}
    day = a_day()
    day[0][0]["data"]["units_in_stock"] = 1
    day[3:] = [
        [event("stock-o", "StockRejected", **ORDER, shortages=[short])],
        [event("customer-alice", "CreditReserved", **AMOUNT)],
        [event("order-o", "OrderRejected", **ORDER, reasons=reasons)],
        [event("customer-alice", "CreditReleased", **AMOUNT)],
    ]

    books = books_of(day)

    assert (books.faults == [], books.under_way) == (sound, [])


def test_a_log_whose_commits_do_not_follow_each_other_is_found() -> None:
    day = books_of(a_day()[:1])
    commit = {"position": 3, "command_id": "step 1", "events": [], "meta": {"at": "2026-11-23"}, "prev": "", "hash": ""}

    day.add(commit)

    assert len(day.faults) == 4
