"""Results of the services' RPC methods, in JSON."""

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
    """`products`: number of products on sale. `version` counts edits."""

    id: str
    name: str
    products: int
    version: int


class CategoryName(TypedDict):
    """A product's category."""

    id: str
    name: str


class ProductView(TypedDict):
    """A product on sale. `units_in_stock`: units that can be ordered now. `version` counts edits, not orders."""

    id: str
    name: str
    description: str
    supplier: str
    category: CategoryName
    price: MoneyView
    units_in_stock: int
    version: int


class Quote(TypedDict):
    """Present name and price of a product."""

    name: str
    price: MoneyView


# Customers


class CustomerView(TypedDict):
    """`credit`: available. `held`: reserved by undecided orders. `spent`: by approved ones."""

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
    """A new session. `expires_at`: UTC, ISO 8601."""

    token: str
    expires_at: str
    username: str
    role: str


class SessionOwnerView(TypedDict):
    """The user of a session, with the present role and address."""

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
    """`stock`, `credit`: pending, reserved, rejected or released. `invoice`: its number, once issued."""

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
    """An event's record in the log. `causation`: position of the causing commit; 0 for a client's command."""

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
    """An invoice. `credited_by`: the number of its credit note, if any."""

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
    """`invoices`: number of invoices issued in the month; `total`: their sum less credit notes."""

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
    """State of a service's process.

    `position`: of the read model; `reacted`: of the reactions. `refusal`: why its database refuses writes.
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
    """`position` of `head` commits are in the new read model, during a rebuild."""

    running: bool
    position: int
    head: int


class CheckView(TypedDict):
    """The result of a check of the audit. `detail`: the faults, or the checked items."""

    name: str
    ok: bool
    detail: str


class AuditResult(TypedDict):
    """The result of an audit of the log up to `position`; `checked_at`: its start, UTC."""

    position: int
    checked_at: str
    ok: bool
    checks: Sequence[CheckView]


class AuditProgress(TypedDict):
    """Number of commits read."""

    position: int
    head: int


class AuditAnswer(TypedDict):
    """`result`: of the last audit. `running`: progress of the present one. `current`: whether the result suffices."""

    running: AuditProgress | None
    result: AuditResult | None
    current: bool


class StateView(TypedDict):
    """A past state of an aggregate.

    `version`, `at`: of the last event included; `before`: the state before that event.
    """

    stream: str
    version: int
    last_version: int
    at: str | None
    state: Any
    before: Any
