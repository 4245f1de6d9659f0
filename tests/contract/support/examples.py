"""One example of every event; the golden files are these, written to JSON."""

from datetime import UTC, datetime
from uuid import UUID

from shop.contracts.events import (
    Address,
    CategoryAdded,
    CategoryRemoved,
    CategoryRenamed,
    ClockRepaired,
    CreditAdjusted,
    CreditNoteIssued,
    CreditRejected,
    CreditReleased,
    CreditReserved,
    CustomerRegistered,
    Event,
    InvoiceIssued,
    OrderApproved,
    OrderCancelled,
    OrderLine,
    OrderPlaced,
    OrderRejected,
    OrderShipped,
    PasswordSet,
    PriceChanged,
    ProductAdded,
    ProductChanged,
    ProductDelisted,
    ProductListed,
    ProductWithdrawn,
    ProfileChanged,
    Reason,
    Role,
    RoleGranted,
    RoleRevoked,
    Seller,
    Shortage,
    StockAdjusted,
    StockRejected,
    StockReleased,
    StockReserved,
    Units,
    UnitsReleased,
    UnitsReserved,
)
from shop.contracts.money import Money

ORDER = UUID("0b1c8f2e-6a55-5d61-9c5b-111111111111")
TEA = UUID("3d0a6f8e-2f0b-4c8a-8a53-222222222222")
CUP = UUID("3d0a6f8e-2f0b-4c8a-8a53-333333333333")
DRINKS = UUID("9f2d1c34-5b6a-4c7d-8e9f-444444444444")
DISHES = UUID("9f2d1c34-5b6a-4c7d-8e9f-555555555555")
HOME = Address(street="Bahnhofstraße 1", city="Zürich", postcode="8001", country="CH")
LINES = (
    OrderLine(product_id=TEA, name="Grüner Tee", quantity=2, unit_price=Money(495, "EUR")),
    OrderLine(product_id=CUP, name="Cup", quantity=1, unit_price=Money(1_008, "EUR")),
)
TOTAL = Money(1_998, "EUR")
UNITS = (Units(product_id=TEA, quantity=2), Units(product_id=CUP, quantity=1))
SELLER = Seller(name="Nameko Shop", address="1 Market Square, 10115 Berlin, DE", tax_id="DE000000000")
ISSUED = datetime(2026, 11, 23, 9, 30, 0, 123_000, tzinfo=UTC)

EXAMPLES: tuple[Event, ...] = (
    CustomerRegistered(
        username="Ann",
        full_name="Ann Example",
        email="ann@example.com",
        role=Role.CUSTOMER,
        credit=Money(10_000, "EUR"),
    ),
    ProfileChanged(username="Ann", full_name="Änn Example", email="ann@example.org", address=HOME),
    RoleGranted(username="Ann", role=Role.MANAGER),
    RoleRevoked(username="Ann", role=Role.MANAGER),
    CreditAdjusted(username="Ann", change=Money(-500, "EUR"), reason="typed one zero too many"),
    CreditReserved(username="Ann", order_id=ORDER, amount=TOTAL),
    CreditRejected(username="Ann", order_id=ORDER, amount=TOTAL, available=Money(1_997, "EUR")),
    CreditReleased(username="Ann", order_id=ORDER, amount=TOTAL),
    PasswordSet(username="Ann", password_hash="$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"),
    CategoryAdded(category_id=DRINKS, name="Drinks"),
    CategoryRenamed(category_id=DRINKS, name="Tea & coffee"),
    ProductListed(category_id=DRINKS, product_id=TEA),
    ProductDelisted(category_id=DRINKS, product_id=TEA),
    CategoryRemoved(category_id=DRINKS),
    ProductAdded(
        product_id=TEA,
        name="Grüner Tee",
        description="From the hills.\nFirst flush.",
        supplier="Hill & Co",
        category_id=DRINKS,
        price=Money(495, "EUR"),
        units_in_stock=10,
    ),
    ProductChanged(
        product_id=TEA, name="Green tea", description="From the hills.", supplier="Hill & Co", category_id=DISHES
    ),
    PriceChanged(product_id=TEA, price=Money(595, "EUR"), same_edit=True),
    StockAdjusted(product_id=TEA, change=-3, reason="broken"),
    UnitsReserved(product_id=TEA, order_id=ORDER, quantity=2),
    UnitsReleased(product_id=TEA, order_id=ORDER, quantity=2),
    ProductWithdrawn(product_id=TEA),
    StockReserved(order_id=ORDER, units=UNITS),
    StockRejected(
        order_id=ORDER,
        shortages=(
            Shortage(product_id=TEA, requested=2, available=1, reason=Reason.OUT_OF_STOCK),
            Shortage(product_id=CUP, requested=1, available=0, reason=Reason.NOT_ON_SALE),
        ),
    ),
    StockReleased(order_id=ORDER, units=UNITS),
    OrderPlaced(order_id=ORDER, customer="Ann", lines=LINES, total=TOTAL, address=HOME),
    OrderApproved(order_id=ORDER, customer="Ann", lines=LINES, total=TOTAL, address=None),
    OrderRejected(
        order_id=ORDER,
        customer="Ann",
        reasons=(Reason.OUT_OF_STOCK, Reason.INSUFFICIENT_CREDIT, Reason.NOT_ON_SALE, Reason.TIMED_OUT),
    ),
    OrderCancelled(order_id=ORDER, customer="Ann", was_approved=True),
    OrderShipped(order_id=ORDER),
    InvoiceIssued(
        year=2026,
        number=123,
        order_id=ORDER,
        customer="Ann",
        address=HOME,
        seller=SELLER,
        lines=LINES,
        tax_percent="7.7",
        tax=Money(143, "EUR"),
        total=TOTAL,
        issued_at=ISSUED,
    ),
    CreditNoteIssued(
        year=2027,
        number=1,
        order_id=ORDER,
        customer="Ann",
        invoice_year=2026,
        invoice_number=123,
        tax=Money(143, "EUR"),
        total=TOTAL,
        issued_at=ISSUED,
    ),
    ClockRepaired(log_id="0b1c8f2e6a55", last_time=datetime(2036, 6, 1, 10, 0, tzinfo=UTC), time=ISSUED),
)
