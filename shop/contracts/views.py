"""What services show to each other and to the gateway: the answers of their RPC, in JSON."""

from collections.abc import Sequence
from typing import Any, Generic, NotRequired, TypedDict, TypeVar

from shop.contracts.wire import Wire

T = TypeVar("T")


class Listed(TypedDict, Generic[T]):
    """A page of a list. `next`: the cursor of the next page; None at the end."""

    items: Sequence[T]
    next: str | None


class MoneyView(TypedDict):
    """`amount` in minor units, such as cents; `currency` by ISO 4217."""

    amount: int
    currency: str


class AddressView(TypedDict):
    """`country` by ISO 3166-1 alpha-2."""

    street: str
    city: str
    postcode: str
    country: str


# The catalogue


class CategoryView(TypedDict):
    """`products`: how many are on sale. `version` counts edits."""

    id: str
    name: str
    products: int
    version: int


class CategoryName(TypedDict):
    """A product's category."""

    id: str
    name: str


class ProductView(TypedDict):
    """A product on sale. `units_in_stock`: what can be ordered now. `version` counts edits, not orders."""

    id: str
    name: str
    description: str
    supplier: str
    category: CategoryName
    price: MoneyView
    units_in_stock: int
    version: int


class Quote(TypedDict):
    """Today's name and price of a product."""

    name: str
    price: MoneyView


# Customers


class CustomerView(TypedDict):
    """`credit`: what can still be spent. `held`: by orders under way. `spent`: by approved ones."""

    username: str
    full_name: str
    email: str
    address: AddressView | None
    role: str
    credit: MoneyView
    held: MoneyView
    spent: MoneyView
    version: int


class SessionView(TypedDict):
    """A session that was opened. `expires_at`: UTC, ISO 8601."""

    token: str
    expires_at: str
    username: str
    role: str


class SessionOwnerView(TypedDict):
    """The customer or manager a session belongs to, with the role and the address of now."""

    username: str
    role: str
    address: AddressView | None
    expires_at: str


# Orders


class LineView(TypedDict):
    """One product of an order, at the name and price fixed when the order was placed."""

    product_id: str
    name: str
    quantity: int
    unit_price: MoneyView
    total: MoneyView


class OrderView(TypedDict):
    """`stock`, `credit`: pending, reserved, rejected or released. `invoice`: its number, once there is one."""

    id: str
    customer: str
    status: str
    stock: str
    credit: str
    reason: Sequence[str] | None
    lines: Sequence[LineView]
    address: AddressView | None
    total: MoneyView
    placed_at: str
    invoice: str | None
    version: int


class RecordView(TypedDict):
    """What the log keeps of an event. `causation`: the position that it answers; 0 for a client's command."""

    position: int
    stream: str
    version: int
    causation: int
    actor: str
    service: str
    data: Wire


class HistoryEntry(TypedDict):
    """An event of an order's saga. `state`: the order's status after it. `recorded`: for managers alone."""

    at: str
    event: str
    state: str | None
    detail: Wire
    recorded: NotRequired[RecordView]


# Accounting


class SellerView(TypedDict):
    """The shop, as it stands on an invoice."""

    name: str
    address: str
    tax_id: str


class InvoiceView(TypedDict):
    """An invoice. `credited_by`: the number of its credit note, where it was taken back."""

    number: str
    order_id: str
    customer: str
    address: AddressView | None
    seller: SellerView
    lines: Sequence[LineView]
    tax_percent: str
    tax: MoneyView
    total: MoneyView
    issued_at: str
    credited_by: str | None


class MonthView(TypedDict):
    """`invoices`: how many were issued in the month; `total`: what they come to, less credit notes."""

    month: int
    total: MoneyView
    invoices: int


class RevenueView(TypedDict):
    """A year's revenue, January to December."""

    year: int
    total: MoneyView
    months: Sequence[MonthView]


# Operations


class StatusView(TypedDict):
    """How far a process of a service has come in the log.

    `position`: of the read model; `reacted`: of the reactions. `refusal`: why its database takes no writes.
    """

    service: str
    active: bool
    paused: bool
    ready: bool
    position: int
    reacted: int
    rebuilding: bool
    refusal: str | None


class RebuildProgress(TypedDict):
    """`position` of `head` commits are in the new read model, while one is being built."""

    running: bool
    position: int
    head: int


class CheckView(TypedDict):
    """What came of a check of the audit. `detail`: what is wrong, or what was checked."""

    name: str
    ok: bool
    detail: str


class AuditResult(TypedDict):
    """What came of an audit of the log up to `position`; `checked_at`: when it began, UTC."""

    position: int
    checked_at: str
    ok: bool
    checks: Sequence[CheckView]


class AuditProgress(TypedDict):
    """How many of the log's commits have been read."""

    position: int
    head: int


class AuditAnswer(TypedDict):
    """`result`: of the last audit. `running`: how far the one under way has come. `current`: the result is enough."""

    running: AuditProgress | None
    result: AuditResult | None
    current: bool


class StateView(TypedDict):
    """An aggregate as it was. `version`, `at`: of the last event that counts; `before`: the state before that event."""

    stream: str
    version: int
    last_version: int
    at: str | None
    state: Any
    before: Any
