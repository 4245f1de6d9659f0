"""Each check of the audit: right for a sound log, and wrong for each way in which a log can be doctored."""

from datetime import timedelta
from uuid import UUID

import pytest

from backoffice_web.audit_words import check_details
from shop.audit.checks import MOST_TOLD, Faults, settled_before
from shop.audit.credit import CreditNeverNegative, MoneyConserved
from shop.audit.invoices import InvoicesGapless
from shop.audit.orders import NoReservationLeft, OneDecisionPerOrder
from shop.audit.units import StockNeverNegative, UnitsConserved
from shop.contracts.events import (
    CreditAdjusted,
    CreditRejected,
    CreditReserved,
    OrderApproved,
    OrderCancelled,
    OrderRejected,
    OrderShipped,
    Reason,
    StockAdjusted,
    StockRejected,
    StockReleased,
    StockReserved,
    Units,
    UnitsReleased,
    UnitsReserved,
)
from tests.unit.support.books import (
    APPROVED,
    BEGINNING,
    CALLED_OFF,
    CUP,
    GONE,
    LATER,
    SHIPPED,
    TAKEN_BACK,
    TEA,
    TOO_DEAR,
    TOO_MANY,
    changed,
    credit_note,
    euros,
    followed_by,
    invoice,
    lines,
    placed,
    recorded_commits,
    reserved,
    shortage,
    sound_log,
    twice,
    verdict,
    without,
)
from tests.web.support.managing import backoffice

CHECKS = [
    (CreditNeverNegative, "2 customers, at every position"),
    (MoneyConserved, "granted 150.00 EUR = available 147.00 EUR + held 0.00 EUR + spent 3.00 EUR"),
    (StockNeverNegative, "3 products, at every position"),
    (UnitsConserved, "delivered 15 = in stock 12 + with orders 3"),
    (OneDecisionPerOrder, "6 orders"),
    (NoReservationLeft, "6 orders, 2 of which hold something"),
    (InvoicesGapless, "3 invoices and 1 credit note"),
]

DOCTORED = [
    (CreditNeverNegative, followed_by(CreditAdjusted(username="ann", change=euros(-15_000), reason="")), "ann has -"),
    (CreditNeverNegative, changed("CustomerRegistered", credit=-1), "bob has -0.01 EUR at 2"),
    (CreditNeverNegative, changed("CreditReserved", SHIPPED, amount=20_000), "ann has -50.00 EUR at 11"),
    (MoneyConserved, without("CustomerRegistered"), "CreditAdjusted at 3 of ann, who registered not once"),
    (MoneyConserved, twice("CustomerRegistered"), "CustomerRegistered at 43 of ann, who registered not once"),
    (
        MoneyConserved,
        changed("CreditReserved", SHIPPED, amount=100),
        "CreditReserved of 1.00 EUR at 11 for an order of 2.00",
    ),
    (MoneyConserved, without("CreditReserved", SHIPPED), "was sold for 2.00 EUR, and 0.00 EUR were taken for it"),
    (MoneyConserved, twice("CreditReserved", SHIPPED), "took credit a second time at 43"),
    (MoneyConserved, twice("CreditReleased", TAKEN_BACK), "gave back what it had not at 43"),
    (
        MoneyConserved,
        changed("CreditReleased", TAKEN_BACK, amount=400),
        "granted 150.00 EUR is not available 148.00 EUR",
    ),
    (MoneyConserved, changed("CreditReleased", TAKEN_BACK, username="bob"), "gave back what it had not"),
    (
        MoneyConserved,
        changed("OrderApproved", SHIPPED, total=300),
        "was sold for 3.00 EUR, and 2.00 EUR were taken for",
    ),
    (
        MoneyConserved,
        changed("CreditRejected", available=1),
        "bob was refused 1.00 EUR at 26, with a credit of 0.00 EUR",
    ),
    (
        MoneyConserved,
        changed("CustomerRegistered", credit=10_000),
        "bob was refused 1.00 EUR at 26, with a credit of 100.00",
    ),
    (StockNeverNegative, changed("StockAdjusted", change=-11), f"product {TEA} has -1 units at 7"),
    (StockNeverNegative, changed("UnitsReserved", SHIPPED, quantity=10), f"product {TEA} has -1 units"),
    (UnitsConserved, without("UnitsReserved", SHIPPED), f"order {SHIPPED} moved other units at 10 than it said"),
    (UnitsConserved, without("UnitsReserved", APPROVED), "delivered 15 is not in stock 13 + with orders 3"),
    (UnitsConserved, changed("UnitsReserved", SHIPPED, quantity=1), "UnitsReserved of 1 of"),
    (UnitsConserved, twice("UnitsReserved", SHIPPED), "at 43, apart from the order's answer"),
    (UnitsConserved, without("StockReserved", SHIPPED), "apart from the order's answer"),
    (UnitsConserved, twice("StockReserved", SHIPPED), "had already"),
    (UnitsConserved, twice("StockReleased", TAKEN_BACK), "gave back units at 43 that it had not"),
    (UnitsConserved, without("StockReleased", TAKEN_BACK), "UnitsReleased of 3 of"),
    (UnitsConserved, twice("ProductAdded"), f"ProductAdded at 43 of {TEA}, which was added not once"),
    (UnitsConserved, without("ProductAdded"), "which was added not once"),
    (UnitsConserved, followed_by(*reserved(TAKEN_BACK, 1)), "took units at 43 that it had not ordered"),
    (UnitsConserved, changed("StockRejected", shortages=[]), "was refused for nothing"),
    (
        UnitsConserved,
        followed_by(
            StockReserved(order_id=TOO_MANY, units=(Units(product_id=GONE, quantity=1),)),
            UnitsReserved(product_id=GONE, order_id=TOO_MANY, quantity=1),
        ),
        f"product {GONE} was sold at 43, when it was not on sale",
    ),
    (
        UnitsConserved,
        followed_by(StockRejected(order_id=TOO_MANY, shortages=(shortage(CUP, 6, 4, Reason.OUT_OF_STOCK),))),
        f"was refused 6 of {CUP}, of which there were 5",
    ),
    (
        UnitsConserved,
        followed_by(StockRejected(order_id=TOO_MANY, shortages=(shortage(GONE, 1, 0, Reason.OUT_OF_STOCK),))),
        f"was refused 1 of {GONE}, of which there were 0",
    ),
    (
        UnitsConserved,
        followed_by(
            StockReleased(order_id=SHIPPED, units=(Units(product_id=TEA, quantity=1),)),
            UnitsReleased(product_id=TEA, order_id=SHIPPED, quantity=1),
        ),
        "gave back units at 43 that it had not",
    ),
    (OneDecisionPerOrder, without("OrderApproved", APPROVED), f"order {APPROVED} waits for its decision since"),
    (OneDecisionPerOrder, without("OrderPlaced", SHIPPED), f"order {SHIPPED} at 12: OrderApproved"),
    (OneDecisionPerOrder, twice("OrderApproved", SHIPPED), "OrderPlaced OrderApproved OrderShipped OrderApproved"),
    (OneDecisionPerOrder, twice("OrderRejected", TOO_DEAR), "OrderPlaced OrderRejected OrderRejected"),
    (
        OneDecisionPerOrder,
        followed_by(OrderRejected(order_id=APPROVED, customer="Ann", reasons=(Reason.TIMED_OUT,))),
        "OrderPlaced OrderApproved OrderRejected",
    ),
    (OneDecisionPerOrder, followed_by(OrderShipped(order_id=TOO_DEAR)), "OrderPlaced OrderRejected OrderShipped"),
    (
        OneDecisionPerOrder,
        followed_by(OrderCancelled(order_id=SHIPPED, customer="Ann", was_approved=True)),
        "OrderApproved OrderShipped OrderCancelled",
    ),
    (OneDecisionPerOrder, without("StockReserved", SHIPPED), "was approved on CreditReserved"),
    (OneDecisionPerOrder, without("CreditReserved", SHIPPED), "was approved on StockReserved"),
    (
        OneDecisionPerOrder,
        followed_by(OrderApproved(order_id=TOO_DEAR, customer="bob", lines=lines(1), total=euros(100), address=None)),
        "was approved on CreditRejected and StockReserved",
    ),
    (
        OneDecisionPerOrder,
        changed("OrderRejected", TOO_DEAR, reasons=["out_of_stock"]),
        "was rejected for out_of_stock",
    ),
    (OneDecisionPerOrder, changed("OrderRejected", TOO_DEAR, reasons=[]), "was rejected for nothing"),
    (OneDecisionPerOrder, without("CreditRejected", TOO_DEAR), "when nothing was refused"),
    (
        OneDecisionPerOrder,
        changed("OrderRejected", TOO_DEAR, reasons=["timed_out", "not_on_sale"]),
        "was rejected for not_on_sale and timed_out, when insufficient_credit was refused",
    ),
    (
        OneDecisionPerOrder,
        changed("OrderCancelled", TAKEN_BACK, was_approved=False),
        "was cancelled as if it had not been approved",
    ),
    (
        OneDecisionPerOrder,
        changed("OrderCancelled", CALLED_OFF, was_approved=True),
        "was cancelled as if it had been approved",
    ),
    (OneDecisionPerOrder, twice("StockReserved", SHIPPED), "got StockReserved a second time"),
    (
        OneDecisionPerOrder,
        followed_by(CreditRejected(username="Ann", order_id=SHIPPED, amount=euros(200), available=euros(0))),
        "got CreditRejected a second time",
    ),
    (NoReservationLeft, without("StockReleased", TOO_DEAR), f"order {TOO_DEAR} was rejected, and holds stock"),
    (NoReservationLeft, without("CreditReleased", TAKEN_BACK), f"order {TAKEN_BACK} was cancelled, and holds credit"),
    (NoReservationLeft, followed_by(*reserved(UUID(int=99), 1)), "was never placed, and holds stock"),
    (NoReservationLeft, without("OrderCancelled", CALLED_OFF), "lost its stock when it was placed"),
    (NoReservationLeft, twice("StockReleased", TOO_DEAR), "gave back stock that it did not hold"),
    (
        NoReservationLeft,
        followed_by(CreditReserved(username="Ann", order_id=TOO_DEAR, amount=euros(100))),
        f"order {TOO_DEAR} was rejected, and holds credit",
    ),
    (
        NoReservationLeft,
        followed_by(StockReleased(order_id=SHIPPED, units=(Units(product_id=TEA, quantity=2),))),
        "lost its stock when it was shipped",
    ),
    (InvoicesGapless, without("InvoiceIssued", APPROVED), f"order {APPROVED} was approved, and has no invoice"),
    (InvoicesGapless, without("InvoiceIssued", TAKEN_BACK), "invoices-2026 has number 3 in place 2"),
    (InvoicesGapless, twice("InvoiceIssued", SHIPPED), f"invoice 2026-000001 is the second one for order {SHIPPED}"),
    (InvoicesGapless, changed("InvoiceIssued", APPROVED, number=4), "invoices-2026 has number 4 in place 3"),
    (InvoicesGapless, changed("InvoiceIssued", APPROVED, total=1), f"does not say what order {APPROVED} says"),
    (InvoicesGapless, changed("InvoiceIssued", APPROVED, customer="bob"), f"does not say what order {APPROVED} says"),
    (InvoicesGapless, changed("InvoiceIssued", APPROVED, lines=[]), f"does not say what order {APPROVED} says"),
    (InvoicesGapless, changed("InvoiceIssued", APPROVED, issued_at="2027-01-01T00:00:00Z"), "was issued in 2027"),
    (InvoicesGapless, followed_by(invoice(TOO_DEAR, 1, number=4)), f"order {TOO_DEAR}, which was not approved"),
    (InvoicesGapless, without("CreditNoteIssued"), f"order {TAKEN_BACK} was cancelled after its approval, and has no"),
    (InvoicesGapless, changed("CreditNoteIssued", invoice_number=1), "credit note C2026-000001 takes back another"),
    (InvoicesGapless, changed("CreditNoteIssued", total=1), "takes back another invoice"),
    (
        InvoicesGapless,
        followed_by(credit_note(SHIPPED, 2, number=2, invoice=1)),
        f"credit note C2026-000002 is for order {SHIPPED}, which does not ask for one",
    ),
    (InvoicesGapless, twice("CreditNoteIssued"), "which does not ask for one"),
]


@pytest.fixture
def in_german():
    with backoffice().test_request_context("/", headers={"Accept-Language": "de"}):
        yield


@pytest.mark.parametrize(("check", "detail"), CHECKS, ids=[check.name for check, _ in CHECKS])
def test_a_sound_log_is_right(check, detail):
    found = verdict(check, sound_log())

    assert (found.ok, found.detail, found.name) == (True, detail, check.name)


@pytest.mark.parametrize(("check", "detail"), CHECKS, ids=[check.name for check, _ in CHECKS])
def test_an_empty_log_is_right(check, detail):
    assert verdict(check, []).ok


@pytest.mark.parametrize(
    ("check", "doctor", "fault"), DOCTORED, ids=[f"{check.name}: {fault}" for check, _, fault in DOCTORED]
)
def test_a_doctored_log_is_seen(check, doctor, fault):
    found = verdict(check, doctor(sound_log()))

    assert not found.ok
    assert fault in found.detail


@pytest.mark.parametrize(
    ("check", "doctor", "fault"), DOCTORED, ids=[f"{check.name}: {fault}" for check, _, fault in DOCTORED]
)
def test_what_is_wrong_is_said_in_german_to_germans(in_german, check, doctor, fault):
    detail = verdict(check, doctor(sound_log())).detail

    assert [told for told in check_details(detail) if told in detail] == []


def test_each_check_is_seen_to_fail():
    assert {check for check, _, _ in DOCTORED} == {check for check, _ in CHECKS}


# What is under way


@pytest.mark.parametrize("check", [OneDecisionPerOrder, NoReservationLeft, InvoicesGapless])
@pytest.mark.parametrize(
    "happened",
    [
        [[placed(APPROVED, 1)]],
        [[placed(APPROVED, 1)], reserved(APPROVED, 1)],
        [
            [placed(APPROVED, 1)],
            reserved(APPROVED, 1),
            [CreditReserved(username="Ann", order_id=APPROVED, amount=euros(100))],
            [OrderApproved(order_id=APPROVED, customer="Ann", lines=lines(1), total=euros(100), address=None)],
        ],
        [
            [placed(APPROVED, 1)],
            reserved(APPROVED, 1),
            [OrderCancelled(order_id=APPROVED, customer="Ann", was_approved=False)],
        ],
    ],
)
def test_what_is_under_way_is_right_for_a_minute(check, happened):
    events = recorded_commits(happened)

    assert verdict(check, events, now=BEGINNING + timedelta(seconds=59)).ok


def test_after_a_minute_something_is_missing_wherever_an_order_got_stuck():
    stuck = recorded_commits([[placed(APPROVED, 1)]])

    assert not verdict(OneDecisionPerOrder, stuck, now=BEGINNING + timedelta(seconds=62)).ok


def test_orders_may_take_twice_as_long_as_their_time_out():
    assert settled_before(LATER, order_timeout=300) < settled_before(LATER, order_timeout=30)
    assert settled_before(LATER, order_timeout=30) == settled_before(LATER, order_timeout=1)


def test_a_time_out_need_not_know_of_an_answer_in_the_last_moment():
    events = recorded_commits(
        [
            [placed(TOO_DEAR, 1, customer="bob")],
            [CreditRejected(username="bob", order_id=TOO_DEAR, amount=euros(100), available=euros(0))],
            [OrderRejected(order_id=TOO_DEAR, customer="bob", reasons=(Reason.TIMED_OUT,))],
        ]
    )

    assert verdict(OneDecisionPerOrder, events).ok


def test_an_adjustment_of_what_was_never_added_is_seen():
    events = recorded_commits([[StockAdjusted(product_id=TEA, change=1, reason="")]])

    assert not verdict(UnitsConserved, events).ok


def test_of_many_faults_the_first_are_told():
    faults = Faults()
    for number in range(1, MOST_TOLD + 3):
        faults.add(f"fault {number}")

    assert str(faults).startswith("fault 1; fault 2; ")
    assert str(faults).endswith(f"fault {MOST_TOLD}; and 2 more")
