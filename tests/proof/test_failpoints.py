"""A process ends at a named point of the code, at a step of an order, and comes back: each order ends as it should.

Of each point, the chosen steps come in one go. `make failpoints` takes all pairs of a point and a step, one after the
other: a process that ends at one of them may never pass another one, such as the message about a whole group of
commits.
"""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from shop.contracts.errors import ServiceUnavailable
from shop.service.failpoints import Point
from tests.support.waiting import wait_until
from tests.system.support.agreement import SERVICES, require_agreement
from tests.system.support.clients import Client
from tests.system.support.market import FIRST_MANAGER
from tests.system.support.on_rabbitmq import OnRabbitMQ
from tests.system.support.shop_under_test import ShopUnderTest

ALL = os.environ.get("FAILPOINTS") == "all"

STEPS = (
    "OrderPlaced StockReserved StockRejected StockReleased CreditReserved CreditRejected CreditReleased "
    "OrderApproved OrderRejected OrderCancelled OrderShipped InvoiceIssued CreditNoteIssued"
)
SHOWN = STEPS.replace("StockReserved", "UnitsReserved").replace("StockReleased", "UnitsReleased")
CALLS = (
    "orders.place_order orders.cancel_order orders.ship_order orders.get_order products.quote "
    "customers.identify event_store.append event_store.append_many "
    "event_store.read_streams event_store.read_all event_store.read_correlations event_store.lease"
)

READ_ALL = "event_store.read_all"

CHOSEN = {
    Point.BEFORE_APPEND: "OrderPlaced StockReserved CreditReserved OrderApproved InvoiceIssued",
    Point.AFTER_APPEND: "OrderPlaced StockRejected CreditReserved OrderRejected CreditReleased OrderCancelled "
    "CreditNoteIssued",
    Point.BEFORE_WRITE: "OrderPlaced OrderApproved InvoiceIssued",
    Point.AFTER_WRITE: "OrderPlaced StockReserved OrderApproved InvoiceIssued CreditNoteIssued",
    Point.BEFORE_DISPATCH: "OrderPlaced OrderRejected OrderShipped",
    Point.AFTER_DISPATCH: "CreditReserved OrderCancelled",
    Point.BEFORE_REPLY: "orders.place_order products.quote event_store.append event_store.append_many",
    Point.AFTER_REPLY: "orders.cancel_order event_store.append_many",
    Point.BEFORE_PROJECTION: "OrderPlaced CreditReleased",
    Point.IN_PROJECTION: "UnitsReserved CreditReserved OrderApproved InvoiceIssued",
    Point.AFTER_PROJECTION: "OrderCancelled CreditNoteIssued",
    Point.BEFORE_SWITCH: "customers orders",
    Point.AFTER_SWITCH: "products accounting",
}

EVERY = {
    **dict.fromkeys(Point, STEPS),
    **dict.fromkeys((Point.BEFORE_PROJECTION, Point.IN_PROJECTION, Point.AFTER_PROJECTION), SHOWN),
    **dict.fromkeys((Point.BEFORE_REPLY, Point.AFTER_REPLY), CALLS),
    **dict.fromkeys((Point.BEFORE_SWITCH, Point.AFTER_SWITCH), " ".join(SERVICES)),
}

ROUNDS = (
    [pytest.param(point, [step], id=f"{point} {step}") for point in Point for step in EVERY[point].split()]
    if ALL
    else [pytest.param(point, CHOSEN[point].split(), id=str(point)) for point in Point]
)


class Market:
    """A shop whose processes end where they are told to, and are started again.

    Args:
        points: the folder in which a file says where to end.
    """

    def __init__(self, shop: ShopUnderTest, points: Path) -> None:
        self.shop = shop
        self.points = points
        self.killed: list[str] = []

    def arm(self, point: Point, steps: list[str]) -> None:
        """Have a process end at each of these steps, and at none that was armed before."""
        self.killed.clear()
        for name in self.armed:
            (self.points / name).unlink(missing_ok=True)
        for step in steps:
            (self.points / f"{point}@{step}").touch()

    @property
    def armed(self) -> list[str]:
        """Where nobody has come yet."""
        return sorted(file.name for file in self.points.iterdir())

    def revive(self) -> None:
        """Start the killed processes again. No process ends in another way."""
        installation = self.shop.installation
        for process in [process for process in installation.all if not process.is_running]:
            assert process.wait() == -9, f"{process} ended by itself:\n{process.output[-3000:]}"
            self.killed.append(process.service)
            installation.forget(process)
            installation.launch_one(process.service)

    def answer_to(self, ask: Callable[[], requests.Response]) -> requests.Response:
        """The answer, asked for again and again while somebody is away."""

        def try_() -> list[requests.Response]:
            self.revive()
            try:
                answer = ask()
            except requests.RequestException:
                return []
            return [] if answer.status_code == 503 else [answer]

        (answer,) = wait_until(try_, "an answer")
        assert answer.ok, answer.text
        return answer

    def rebuild(self) -> None:
        """Have all read models made anew, as soon as their services can be asked."""

        def asked(service: str) -> bool:
            self.revive()
            try:
                self.shop.call(service, "rebuild")
            except ServiceUnavailable:
                return False
            return True

        for service in SERVICES:
            wait_until(partial(asked, service), f"{service} to rebuild")

    def is_well(self) -> bool:
        """Whether everybody has been where they were told to end, and works again."""
        self.revive()
        return not self.armed and self.shop.installation.is_ready


@pytest.fixture(scope="module")
def market(on_rabbitmq, tmp_path_factory) -> Iterator[Market]:
    points = tmp_path_factory.mktemp("points")
    env = FIRST_MANAGER | {"SHOP_FAILPOINTS": str(points), "SHOP_ORDER_TIMEOUT_SECONDS": "600"}
    installation: OnRabbitMQ = on_rabbitmq(env, demo=False)
    with ShopUnderTest(installation).running() as shop:
        yield Market(shop, points)


class Buyer:
    """A customer who places orders of every kind, and asks as long as it takes."""

    def __init__(self, market: Market, credit: str) -> None:
        self.market = market
        self.client: Client = market.shop.new_customer(credit=credit)

    def order(self, product: dict, quantity: int) -> str:
        """The id of a new order."""
        ask = partial(self.client.try_order, {product["id"]: quantity}, uuid4().hex)
        return self.market.answer_to(ask).json()["id"]

    def ends_as(self, order: str, status: str) -> None:
        """It does, and nothing about it is under way any more."""

        def told() -> dict:
            answer = self.market.answer_to(partial(self.client.request_once, "GET", f"/v1/orders/{order}"))
            found.append(answer.json())
            return found[-1]["status"] == status and (status != "approved" or found[-1]["invoice"])

        found: list[dict] = []
        wait_until(told, f"order {order} to be {status}")

    def reads_history_of(self, order: str) -> None:
        self.market.answer_to(partial(self.client.request_once, "GET", f"/v1/orders/{order}/history"))

    def cancel(self, order: str) -> None:
        path, key = f"/v1/orders/{order}/cancellation", uuid4().hex
        self.market.answer_to(partial(self.client.request_once, "POST", path, key, json={}))


class Business:
    """Orders that take every step there is: approved and shipped, approved and cancelled, refused for either reason."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.manager = market.shop.as_manager()
        self.product = self.manager.add_product(price="10.00", units=10)
        self.rich, self.poor = Buyer(market, "1000.00"), Buyer(market, "15.00")

    def do(self) -> None:
        shipped, cancelled = self.rich.order(self.product, 1), self.rich.order(self.product, 2)
        sold_out, too_dear = self.rich.order(self.product, 50), self.poor.order(self.product, 2)
        self.rich.ends_as(shipped, "approved")
        self.rich.ends_as(cancelled, "approved")
        self.rich.ends_as(sold_out, "rejected")
        self.poor.ends_as(too_dear, "rejected")
        self.rich.cancel(cancelled)
        self.ship(shipped)
        self.rich.ends_as(cancelled, "cancelled")
        self.rich.ends_as(shipped, "shipped")
        self.rich.reads_history_of(shipped)

    def ship(self, order: str) -> None:
        path = f"/v1/orders/{order}/shipment"
        self.market.answer_to(partial(self.manager.request_once, "POST", path, uuid4().hex, json={}))


@pytest.mark.parametrize(("point", "steps"), ROUNDS)
def test_whoever_ends_there_each_order_ends_as_it_should_and_nothing_happens_twice(market, point, steps):
    business = Business(market)
    market.arm(point, steps)

    business.do()
    if point in (Point.BEFORE_SWITCH, Point.AFTER_SWITCH) or READ_ALL in steps:
        market.rebuild()  # who follows the log hears of all that is new, and reads it only from the beginning

    wait_until(market.is_well, f"everybody to come back; not there yet: {market.armed}")
    assert len(market.killed) == len(steps)
    require_agreement(market.shop)
    assert market.shop.call("event_store", "dead_letters") == []
