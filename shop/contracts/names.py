"""Names that several services must agree on: streams and command ids."""

from enum import StrEnum
from uuid import UUID, uuid5


class Service(StrEnum):
    """The Nameko names of the services."""

    EVENT_STORE = "event_store"
    CUSTOMERS = "customers"
    PRODUCTS = "products"
    ORDERS = "orders"
    ACCOUNTING = "accounting"
    GATEWAY = "gateway"


KINDS_OF_STREAMS = {
    "customer": Service.CUSTOMERS,
    "credential": Service.CUSTOMERS,
    "category": Service.PRODUCTS,
    "product": Service.PRODUCTS,
    "stock": Service.PRODUCTS,
    "order": Service.ORDERS,
    "invoices": Service.ACCOUNTING,
    "credit-notes": Service.ACCOUNTING,
    "clock": Service.EVENT_STORE,
}
"""What a stream's name begins with, before a dash, and the service that writes such streams."""

FIRST_MANAGER = "seed:manager"
"""The command id of a seed's last step, which makes the first manager: once the log has it, the seed is complete."""

STEPS_OF_A_SEED = ("demo:", "seed:")
"""What the command ids of all its steps begin with, and no other command id."""

ORDER_IDS = UUID("5f0f4f5e-1c38-4f8e-9a53-0d5c2f8b7a11")
"""The namespace of order ids: an order's id is made of its customer and their Idempotency-Key."""


def order_id_of(customer: str, idempotency_key: str) -> UUID:
    """The id of the order that this customer places with this key: the same again for the same key."""
    return uuid5(ORDER_IDS, f"{customer.casefold()}\n{idempotency_key}")


def is_step_of_seed(command_id: str) -> bool:
    """Whether the commit with this id belongs to what a new log is filled with: the demo, and the first manager."""
    return command_id.startswith(STEPS_OF_A_SEED)


def kind_of_stream(stream: str) -> str | None:
    """Such as "order" of `order-<id>`; None for a name that no stream has."""
    return next((kind for kind in KINDS_OF_STREAMS if stream.startswith(f"{kind}-")), None)


def customer_stream(username: str) -> str:
    """Usernames that differ only in case are one customer."""
    return f"customer-{username.casefold()}"


def credential_stream(username: str) -> str:
    return f"credential-{username.casefold()}"


def category_stream(category_id: UUID) -> str:
    return f"category-{category_id}"


def product_stream(product_id: UUID) -> str:
    return f"product-{product_id}"


def stock_stream(order_id: UUID) -> str:
    return f"stock-{order_id}"


def order_stream(order_id: UUID) -> str:
    return f"order-{order_id}"


def invoices_stream(year: int) -> str:
    return f"invoices-{year}"


def credit_notes_stream(year: int) -> str:
    return f"credit-notes-{year}"


def clock_stream(log_id: str) -> str:
    return f"clock-{log_id}"


def invoice_number(year: int, number: int) -> str:
    """As people write it, `2026-000123`."""
    return f"{year}-{number:06d}"


def credit_note_number(year: int, number: int) -> str:
    """As people write it, `C2026-000001`."""
    return f"C{year}-{number:06d}"
