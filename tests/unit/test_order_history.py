"""The story of an order across all services."""

from dataclasses import replace

import pytest

from order_svc.history import history_of, owner_in, with_records
from shop.contracts.errors import UnknownOrder
from shop.contracts.events import CreditAdjusted, Reason, UnitsReserved
from tests.unit.support.order_builders import (
    NOON,
    ORDER,
    TEA,
    approved,
    cancelled,
    credit_rejected,
    credit_released,
    credit_reserved,
    credited,
    euros,
    invoiced,
    placed,
    recorded,
    rejected,
    shipped,
    stock_rejected,
    stock_released,
    stock_reserved,
)


def test_a_cancelled_order_tells_its_whole_story():
    events = [
        placed(),
        stock_reserved(),
        UnitsReserved(product_id=TEA, order_id=ORDER, quantity=2),
        credit_reserved(),
        approved(),
        invoiced(number=123),
        cancelled(was_approved=True),
        stock_released(),
        credit_released(),
        credited(invoiced(number=123)),
    ]

    told = history_of(recorded(event, at=NOON, actor="manager:max") for event in events)

    tea = [{"product_id": str(TEA), "quantity": 2}]
    amount = {"amount": 2448, "currency": "EUR"}
    assert [(entry["event"], entry["state"], entry["detail"]) for entry in told] == [
        ("OrderPlaced", "placed", {"total": amount}),
        ("StockReserved", "placed", {"units": tea}),
        ("UnitsReserved", "placed", tea[0]),
        ("CreditReserved", "placed", {"amount": amount}),
        ("OrderApproved", "approved", {}),
        ("InvoiceIssued", "approved", {"total": amount, "invoice": "2026-000123"}),
        ("OrderCancelled", "cancelled", {"by": "manager"}),
        ("StockReleased", "cancelled", {"units": tea}),
        ("CreditReleased", "cancelled", {"amount": amount}),
        ("CreditNoteIssued", "cancelled", {"total": amount, "credit_note": "C2026-000001", "invoice": "2026-000123"}),
    ]
    assert {entry["at"] for entry in told} == {"2026-11-23T12:00:00.000Z"}


def test_a_rejected_order_tells_why():
    reasons = (Reason.OUT_OF_STOCK, Reason.INSUFFICIENT_CREDIT)
    events = [placed(), stock_rejected(), credit_rejected(), rejected(*reasons)]

    told = history_of(map(recorded, events))

    shortage = {"product_id": str(TEA), "requested": 2, "available": 0, "reason": "out_of_stock"}
    assert told[1]["detail"] == {"shortages": [shortage]}
    assert told[2]["detail"] == {"amount": euros(2448).dump(), "available": euros(100).dump()}
    assert (told[3]["state"], told[3]["detail"]) == ("rejected", {"reasons": ["out_of_stock", "insufficient_credit"]})


def test_a_shipped_order_ends_shipped():
    assert history_of(map(recorded, [placed(), approved(), shipped()]))[-1]["state"] == "shipped"


def test_what_is_not_meant_for_customers_is_not_told():
    adjusted = CreditAdjusted(username="ada", change=euros(5), reason="Talked to her boss")

    assert history_of(map(recorded, [placed(), adjusted]))[1]["detail"] == {}


def test_an_event_that_cannot_be_read_does_not_hide_the_others():
    broken = replace(recorded(stock_reserved()), fields={"order_id": 7})
    unknown = replace(recorded(stock_reserved()), type="StockTeleported")

    told = history_of([recorded(placed()), broken, unknown, recorded(approved())])

    assert [(entry["event"], entry["state"]) for entry in told] == [
        ("OrderPlaced", "placed"),
        ("StockReserved", "placed"),
        ("StockTeleported", "placed"),
        ("OrderApproved", "approved"),
    ]


def test_the_owner_is_who_placed_the_order():
    assert owner_in(map(recorded, [placed(), approved()]), str(ORDER)) == "Ada"


def test_without_an_order_there_is_no_owner():
    with pytest.raises(UnknownOrder):
        owner_in([recorded(stock_reserved())], str(ORDER))


def test_managers_see_what_the_log_keeps_of_each_event():
    events = [recorded(placed(), position=3), recorded(approved(), position=8, version=2, actor="service:orders")]

    told = with_records(history_of(events), events)

    assert [entry["event"] for entry in told] == ["OrderPlaced", "OrderApproved"]
    assert told[1]["recorded"] == {
        "position": 8,
        "stream": f"order-{ORDER}",
        "version": 2,
        "causation": 0,
        "actor": "service:orders",
        "service": "tests",
        "data": approved().dump(),
    }
