"""Events of one order, as every service records them."""

from datetime import UTC, datetime
from uuid import UUID

from shop.contracts.codec import dump_time
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import (
    Address,
    CreditNoteIssued,
    CreditRejected,
    CreditReleased,
    CreditReserved,
    Event,
    InvoiceIssued,
    OrderApproved,
    OrderCancelled,
    OrderLine,
    OrderPlaced,
    OrderRejected,
    OrderShipped,
    Reason,
    Seller,
    Shortage,
    StockRejected,
    StockReleased,
    StockReserved,
    Units,
)
from shop.contracts.money import Money, total

ORDER = UUID("0b1c8f2e-6a55-5d61-9c5b-111111111111")
TEA = UUID("7f4f6d2c-9b0e-4f35-8a67-222222222222")
CUP = UUID("7f4f6d2c-9b0e-4f35-8a67-333333333333")
HOME = Address(street="Am Markt 1", city="Jena", postcode="07743", country="DE")
SELLER = Seller(name="Nameko Shop", address="1 Market Square", tax_id="DE000000000")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


def line(product_id: UUID = TEA, quantity: int = 2, price: int = 999, name: str = "Tea") -> OrderLine:
    return OrderLine(product_id=product_id, name=name, quantity=quantity, unit_price=euros(price))


def placed(*lines: OrderLine, order_id: UUID = ORDER, customer: str = "Ada") -> OrderPlaced:
    lines = lines or (line(), line(CUP, 1, 450, "Cup"))
    whole = total((each.total for each in lines), "EUR")
    return OrderPlaced(order_id=order_id, customer=customer, lines=lines, total=whole, address=HOME)


def approved(order: OrderPlaced | None = None) -> OrderApproved:
    order = order or placed()
    return OrderApproved(
        order_id=order.order_id, customer=order.customer, lines=order.lines, total=order.total, address=order.address
    )


def rejected(*reasons: Reason, order_id: UUID = ORDER) -> OrderRejected:
    return OrderRejected(order_id=order_id, customer="Ada", reasons=reasons or (Reason.OUT_OF_STOCK,))


def cancelled(*, was_approved: bool = False, order_id: UUID = ORDER) -> OrderCancelled:
    return OrderCancelled(order_id=order_id, customer="Ada", was_approved=was_approved)


def shipped(order_id: UUID = ORDER) -> OrderShipped:
    return OrderShipped(order_id=order_id)


def stock_reserved(order_id: UUID = ORDER) -> StockReserved:
    return StockReserved(order_id=order_id, units=(Units(product_id=TEA, quantity=2),))


def stock_rejected(*reasons: Reason, order_id: UUID = ORDER) -> StockRejected:
    return StockRejected(
        order_id=order_id,
        shortages=tuple(
            Shortage(product_id=TEA, requested=2, available=0, reason=reason)
            for reason in reasons or (Reason.OUT_OF_STOCK,)
        ),
    )


def stock_released(order_id: UUID = ORDER) -> StockReleased:
    return StockReleased(order_id=order_id, units=(Units(product_id=TEA, quantity=2),))


def credit_reserved(order_id: UUID = ORDER) -> CreditReserved:
    return CreditReserved(username="ada", order_id=order_id, amount=euros(2448))


def credit_rejected(order_id: UUID = ORDER) -> CreditRejected:
    return CreditRejected(username="ada", order_id=order_id, amount=euros(2448), available=euros(100))


def credit_released(order_id: UUID = ORDER) -> CreditReleased:
    return CreditReleased(username="ada", order_id=order_id, amount=euros(2448))


def invoiced(order: OrderPlaced | None = None, *, number: int = 1, at: datetime = NOON) -> InvoiceIssued:
    order = order or placed()
    return InvoiceIssued(
        year=at.year,
        number=number,
        order_id=order.order_id,
        customer=order.customer,
        address=order.address,
        seller=SELLER,
        lines=order.lines,
        tax_percent="19",
        tax=euros(391),
        total=order.total,
        issued_at=at,
    )


def credited(invoice: InvoiceIssued | None = None, *, number: int = 1, at: datetime = NOON) -> CreditNoteIssued:
    invoice = invoice or invoiced()
    return CreditNoteIssued(
        year=at.year,
        number=number,
        order_id=invoice.order_id,
        customer=invoice.customer,
        invoice_year=invoice.year,
        invoice_number=invoice.number,
        tax=invoice.tax,
        total=invoice.total,
        issued_at=at,
    )


def recorded(
    event: Event, *, position: int = 1, version: int = 1, at: datetime = NOON, actor: str = "customer:Ada"
) -> RecordedEvent:
    return RecordedEvent(
        position=position,
        stream=event.stream,
        version=version,
        type=type(event).__name__,
        fields=event.dump(),
        at=dump_time(at),
        correlation_id=str(ORDER),
        causation=0,
        actor=actor,
        service="tests",
    )
