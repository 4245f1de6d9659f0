"""Customers for tests of their service: registered, logged in, and ordering."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import eventlet

from shop.contracts.errors import (
    ShopError,
)
from shop.contracts.events import OrderApproved, OrderPlaced
from shop.contracts.money import Money
from shop.contracts.names import customer_stream
from tests.component.support.recording import record_as_orders
from tests.component.support.running import calling

PASSWORD = "correct horse battery"
HOME = {"street": "Way 1", "city": "Bern", "postcode": "3000", "country": "CH"}


def eur(cents: int) -> dict[str, Any]:
    return {"amount": cents, "currency": "EUR"}


def new_name() -> str:
    return f"ann-{uuid4().hex[:12]}"


def register(cluster: Any, name: str, key: str | None = None, **more: str) -> dict[str, Any]:
    values = {"password": PASSWORD, "full_name": "Ann Example", "email": "ann@example.com"} | more
    return cluster.customers.register(name, key=key, **values)


def log_in(cluster: Any, name: str, password: str = PASSWORD, client: str | None = None) -> str:
    return cluster.customers.log_in(name, password, client=client)["token"]


def place(cluster: Any, name: str, cents: int) -> UUID:
    order_id = uuid4()
    total = Money(cents, "EUR")
    record_as_orders(cluster, OrderPlaced(order_id=order_id, customer=name, lines=(), total=total, address=None))
    return order_id


def approve(cluster: Any, name: str, order_id: UUID, cents: int) -> None:
    total = Money(cents, "EUR")
    approved = OrderApproved(order_id=order_id, customer=name, lines=(), total=total, address=None)
    record_as_orders(cluster, approved, version=1)


def answers(cluster: Any, name: str) -> list[str]:
    """The outcomes of the customer's orders, in log order."""
    stream = customer_stream(name)
    events = cluster.event_store.read_streams([[stream, 0]])["streams"][stream]["events"]
    return [event["type"] for event in events if event["type"].startswith("CreditRe")]


def sums(cluster: Any, name: str) -> tuple[int, int, int]:
    """Credit, held and spent."""
    customer = cluster.customers.get_customer(name)
    return customer["credit"]["amount"], customer["held"]["amount"], customer["spent"]["amount"]


def outcome(call: Callable[[], Any]) -> str:
    try:
        call()
    except ShopError as error:
        return type(error).__name__
    return "done"


def at_once(config: dict[str, Any], times: int, call: Callable[[Any], Any]) -> list[str]:
    """The outcomes of a call made so many times at the same time, each from a client of its own."""

    def one(_: int) -> str:
        with calling(config) as own:
            return outcome(lambda: call(own))

    return sorted(eventlet.GreenPool().imap(one, range(times)))


def folder_of(config: dict[str, Any]) -> Path:
    return Path(config["LOG_URL"].removeprefix("sqlite:///")).parent


def database(config: dict[str, Any]) -> closing[sqlite3.Connection]:
    """The service's own database, from outside."""
    return closing(sqlite3.connect(folder_of(config) / "customers.sqlite", isolation_level=None))


def sessions_of(config: dict[str, Any], name: str) -> int:
    with database(config) as connection:
        (count,) = connection.execute("SELECT count(*) FROM sessions WHERE customer_key = ?", (name,)).fetchone()
        return count
