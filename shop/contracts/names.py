"""Names shared by several services: streams and command ids."""

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
"""Prefix of a stream's name, before a dash, and the service that writes such streams."""

FIRST_MANAGER = "seed:manager"
"""Command id of a seed's last step, which creates the first manager: once it is in the log, the seed is complete."""

STEPS_OF_A_SEED = ("demo:", "seed:")
"""Prefixes of the command ids of all its steps, and of no other command id."""

ORDER_IDS = UUID("5f0f4f5e-1c38-4f8e-9a53-0d5c2f8b7a11")
"""Namespace of order ids: an order's id is a UUID (version 5) of its customer and the Idempotency-Key."""


def order_id_of(customer: str, idempotency_key: str) -> UUID:
    """The id of the customer's order with this key: deterministic."""
    return uuid5(ORDER_IDS, f"{customer.casefold()}\n{idempotency_key}")


def is_step_of_seed(command_id: str) -> bool:
    """Whether the commit with this id belongs to the seed of a new log: the demo, and the first manager."""
    return command_id.startswith(STEPS_OF_A_SEED)


def kind_of_stream(stream: str) -> str | None:
    """The kind, such as "order" for `order-<id>`; None for an unknown one."""
    return next((kind for kind in KINDS_OF_STREAMS if stream.startswith(f"{kind}-")), None)


def customer_stream(username: str) -> str:
    """The customer's stream. Usernames that differ only in case are one customer."""
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
    """The displayed number, `2026-000123`."""
    return f"{year}-{number:06d}"


def credit_note_number(year: int, number: int) -> str:
    """The displayed number, `C2026-000001`."""
    return f"C{year}-{number:06d}"
