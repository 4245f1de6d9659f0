"""Test data: products, customers and old orders, written to a log before its services start."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast
from uuid import UUID, uuid5

import eventlet
from argon2 import PasswordHasher

from customer_svc.decisions import register
from customer_svc.domain import Profile, RegisterCustomer
from event_store_svc.log import StoredLog
from event_store_svc.sql import SqlStore
from event_store_svc.writer import Writer
from product_svc.commands import AddCategory, AddProduct
from product_svc.decisions import add_category, add_product
from shop.contracts.api import EventStoreApi
from shop.contracts.decisions import Decide
from shop.contracts.events import PasswordSet
from shop.contracts.money import MAX_AMOUNT, Money
from shop.contracts.names import Service
from shop.event_sourcing.event_store import EventStoreClient
from shop_cli.seeding import SeedStep, write

IDS = UUID("5a0c54e6-6a42-49d4-8a8a-2b8f53b2d3a1")
PASSWORD = "bench-password"  # noqa: S105 - of customers who live for minutes
PLENTY = 1_000_000_000
CATEGORIES = 10
STEPS_AT_ONCE = 500


def product_id(number: int) -> UUID:
    return uuid5(IDS, f"product {number}")


def username(number: int) -> str:
    return f"customer-{number}"


@contextmanager
def log_at(url: str) -> Iterator[EventStoreClient]:
    """The log of a shop that does not run."""
    store = SqlStore(url)
    store.open()
    writer = Writer(store.commits.write, lambda plan: None)  # noqa: ARG005 - without an announcer
    eventlet.spawn(writer.run)
    try:
        # It has all that a client calls, though not what only the service adds.
        yield EventStoreClient(cast(EventStoreApi, StoredLog(store, writer)))
    finally:
        writer.stop()
        store.close()


def fill(url: str, *, products: int, customers: int) -> None:
    """Begin a log with so many of each, with stock and credit that never run out."""
    with log_at(url) as store:
        steps = [*_catalogue(products), *_customers(customers)]
        for at in range(0, len(steps), STEPS_AT_ONCE):
            write(store, steps[at : at + STEPS_AT_ONCE])


def _catalogue(products: int) -> Iterator[SeedStep]:
    for number in range(CATEGORIES):
        category = AddCategory(category_id=uuid5(IDS, f"category {number}"), name=f"Category {number}")
        yield _step(f"category {number}", Service.PRODUCTS, partial(add_category, category))
    for number in range(products):
        product = AddProduct(
            product_id=product_id(number),
            name=f"Product number {number}",
            description="A thing to buy, described at some length. " * 3,
            supplier="Bench & Sons",
            category_id=uuid5(IDS, f"category {number % CATEGORIES}"),
            price=Money(100 + number % 900, "EUR"),
            units_in_stock=PLENTY,
        )
        yield _step(f"product {number}", Service.PRODUCTS, partial(add_product, product))


def _customers(customers: int) -> Iterator[SeedStep]:
    # The cheapest parameters of argon2: logins are not measured.
    password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    for number in range(customers):
        name = username(number)
        profile = Profile(full_name=f"Customer {number}", email=f"{name}@example.org")
        command = RegisterCustomer(username=name, profile=profile, credit=Money(MAX_AMOUNT, "EUR"))
        password = PasswordSet(username=name, password_hash=password_hash)
        yield _step(name, Service.CUSTOMERS, partial(register, command, password))


def _step(name: str, service: Service, decide: Decide) -> SeedStep:
    # The log is called directly here; it takes plain text only, no subclass of str.
    return SeedStep(f"bench:{name}", cast("Service", str(service.value)), decide)
