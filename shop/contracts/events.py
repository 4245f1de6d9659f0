"""Every event of the shop, declared once. The wire name of an event is its class name.

Fields may be added with a default; they are never renamed, removed or given another meaning. An event names its own
stream, so a decision is just a list of events. Amounts are `Money` (minor units), quantities are whole units.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from shop.contracts import names
from shop.contracts.codec import dump, load
from shop.contracts.money import Money


class Role(StrEnum):
    """A user's role."""

    CUSTOMER = "customer"
    MANAGER = "manager"


class Reason(StrEnum):
    """Reason of a rejection."""

    OUT_OF_STOCK = "out_of_stock"
    INSUFFICIENT_CREDIT = "insufficient_credit"
    NOT_ON_SALE = "not_on_sale"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, kw_only=True)
class Address:
    """The address for deliveries and invoices. `country` is an ISO 3166-1 alpha-2 code."""

    street: str
    city: str
    postcode: str
    country: str


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """One product of an order, at the name and price fixed when the order was placed."""

    product_id: UUID
    name: str
    quantity: int
    unit_price: Money

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True, kw_only=True)
class Units:
    """So many units of a product."""

    product_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Shortage:
    """A line that cannot be served: `available` units are there (0 for a product that is not on sale)."""

    product_id: UUID
    requested: int
    available: int
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class Seller:
    """The shop's details on an invoice."""

    name: str
    address: str
    tax_id: str


class Event:
    """A fact that has happened. Subclasses are frozen dataclasses."""

    TYPES: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(cls) -> None:
        Event.TYPES[cls.__name__] = cls

    @property
    def stream(self) -> str:
        """The stream that the event belongs to."""
        raise TypeError(f"{type(self).__name__} has no stream")

    def dump(self) -> dict[str, object]:
        """The event's data as JSON values: UUIDs and times as strings, Money as `{"amount", "currency"}`."""
        return dump(self)


def load_event(type_name: str, fields: dict[str, object]) -> Event:
    """The event of that wire name.

    Raises:
        KeyError: no event has that name.
        TypeError, ValueError: the fields are not the event's.
    """
    return load(Event.TYPES[type_name], fields)


# customer-<username>


@dataclass(frozen=True, kw_only=True)
class _OfCustomer(Event):
    username: str

    @property
    def stream(self) -> str:
        return names.customer_stream(self.username)


@dataclass(frozen=True, kw_only=True)
class CustomerRegistered(_OfCustomer):
    """A customer exists, with this much credit to begin with. `username` is spelled as they typed it."""

    full_name: str
    email: str
    role: Role
    credit: Money


@dataclass(frozen=True, kw_only=True)
class ProfileChanged(_OfCustomer):
    """The customer's details are now these (all of them, changed or not)."""

    full_name: str
    email: str
    address: Address | None


@dataclass(frozen=True, kw_only=True)
class RoleGranted(_OfCustomer):
    """The user has this role from now on."""

    role: Role


@dataclass(frozen=True, kw_only=True)
class RoleRevoked(_OfCustomer):
    """The user is an ordinary customer again."""

    role: Role


@dataclass(frozen=True, kw_only=True)
class CreditAdjusted(_OfCustomer):
    """A manager moved the available credit by `change` (may be negative)."""

    change: Money
    reason: str


@dataclass(frozen=True, kw_only=True)
class CreditReserved(_OfCustomer):
    """The order's total is reserved from the available credit."""

    order_id: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class CreditRejected(_OfCustomer):
    """The available credit does not cover the order; nothing is reserved."""

    order_id: UUID
    amount: Money
    available: Money


@dataclass(frozen=True, kw_only=True)
class CreditReleased(_OfCustomer):
    """The order's reserved credit is available again."""

    order_id: UUID
    amount: Money


# credential-<username>


@dataclass(frozen=True, kw_only=True)
class PasswordSet(Event):
    """The user's password has this argon2id hash now. Blanked wherever the log is read, but for log-in."""

    username: str
    password_hash: str

    @property
    def stream(self) -> str:
        return names.credential_stream(self.username)


# category-<id>


@dataclass(frozen=True, kw_only=True)
class _OfCategory(Event):
    category_id: UUID

    @property
    def stream(self) -> str:
        return names.category_stream(self.category_id)


@dataclass(frozen=True, kw_only=True)
class CategoryAdded(_OfCategory):
    """A category exists."""

    name: str


@dataclass(frozen=True, kw_only=True)
class CategoryRenamed(_OfCategory):
    """The category has this name now."""

    name: str


@dataclass(frozen=True, kw_only=True)
class ProductListed(_OfCategory):
    """A product on sale belongs to the category."""

    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductDelisted(_OfCategory):
    """A product left the category: moved to another one, or withdrawn."""

    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class CategoryRemoved(_OfCategory):
    """The category is gone; it had no products."""


# product-<id>


@dataclass(frozen=True, kw_only=True)
class _OfProduct(Event):
    product_id: UUID

    @property
    def stream(self) -> str:
        return names.product_stream(self.product_id)


@dataclass(frozen=True, kw_only=True)
class ProductAdded(_OfProduct):
    """A product is on sale, with this many units in stock."""

    name: str
    description: str
    supplier: str
    category_id: UUID
    price: Money
    units_in_stock: int


@dataclass(frozen=True, kw_only=True)
class ProductChanged(_OfProduct):
    """The product's description is now this (all of it, changed or not)."""

    name: str
    description: str
    supplier: str
    category_id: UUID


@dataclass(frozen=True, kw_only=True)
class PriceChanged(_OfProduct):
    """The product costs this from now on; orders placed before keep their price.

    `same_edit`: true where a ProductChanged of the same edit stands before it (the two count as one edit).
    """

    price: Money
    same_edit: bool = False


@dataclass(frozen=True, kw_only=True)
class StockAdjusted(_OfProduct):
    """A manager moved the stock by `change` units (may be negative)."""

    change: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class UnitsReserved(_OfProduct):
    """Units were taken from the stock for an order."""

    order_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class UnitsReleased(_OfProduct):
    """An order's units are in the stock again."""

    order_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class ProductWithdrawn(_OfProduct):
    """The product is no longer on sale; old orders keep it."""


# stock-<order id>


@dataclass(frozen=True, kw_only=True)
class _OfStock(Event):
    order_id: UUID

    @property
    def stream(self) -> str:
        return names.stock_stream(self.order_id)


@dataclass(frozen=True, kw_only=True)
class StockReserved(_OfStock):
    """Every line of the order has its units; in one commit with UnitsReserved of each product."""

    units: tuple[Units, ...]


@dataclass(frozen=True, kw_only=True)
class StockRejected(_OfStock):
    """Some lines cannot be served; nothing is reserved."""

    shortages: tuple[Shortage, ...]


@dataclass(frozen=True, kw_only=True)
class StockReleased(_OfStock):
    """The order's units are in the stock again; in one commit with UnitsReleased of each product."""

    units: tuple[Units, ...]


# order-<id>


@dataclass(frozen=True, kw_only=True)
class _OfOrder(Event):
    order_id: UUID

    @property
    def stream(self) -> str:
        return names.order_stream(self.order_id)


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(_OfOrder):
    """A customer wants these products at these prices. Nothing is checked yet."""

    customer: str
    lines: tuple[OrderLine, ...]
    total: Money
    address: Address | None


@dataclass(frozen=True, kw_only=True)
class OrderApproved(_OfOrder):
    """Credit and stock are reserved for the order: it will be delivered and invoiced."""

    customer: str
    lines: tuple[OrderLine, ...]
    total: Money
    address: Address | None


@dataclass(frozen=True, kw_only=True)
class OrderRejected(_OfOrder):
    """The order will not be delivered; its reservations are released."""

    customer: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(_OfOrder):
    """The customer or a manager cancelled the order; its reservations are released.

    `was_approved`: there is an invoice, or will be, that needs a credit note.
    """

    customer: str
    was_approved: bool


@dataclass(frozen=True, kw_only=True)
class OrderShipped(_OfOrder):
    """The parcel is on its way; the order cannot be cancelled any more."""


# invoices-<year>, credit-notes-<year>


@dataclass(frozen=True, kw_only=True)
class InvoiceIssued(Event):
    """An approved order was invoiced. The event's version in its stream is the invoice's running number.

    `tax` is included in `total`; `tax_percent` is a decimal number as text, such as "19" or "7.7".
    """

    year: int
    number: int
    order_id: UUID
    customer: str
    address: Address | None
    seller: Seller
    lines: tuple[OrderLine, ...]
    tax_percent: str
    tax: Money
    total: Money
    issued_at: datetime

    @property
    def stream(self) -> str:
        return names.invoices_stream(self.year)


@dataclass(frozen=True, kw_only=True)
class CreditNoteIssued(Event):
    """An invoiced order was cancelled: this cancels its invoice, named by year and number."""

    year: int
    number: int
    order_id: UUID
    customer: str
    invoice_year: int
    invoice_number: int
    tax: Money
    total: Money
    issued_at: datetime

    @property
    def stream(self) -> str:
        return names.credit_notes_stream(self.year)


# clock-<log_id>


@dataclass(frozen=True, kw_only=True)
class ClockRepaired(Event):
    """An operator has confirmed the clock against the log's last time: commits are dated by the clock again.

    The commit of this event may be dated earlier than the one before it; no other may.

    `last_time`: of the commit before, as it had been dated; `time`: of the clock.
    """

    log_id: str
    last_time: datetime
    time: datetime

    @property
    def stream(self) -> str:
        return names.clock_stream(self.log_id)
