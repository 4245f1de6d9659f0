"""Customers who do not give up: each order is asked for with the same key until there is an answer."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import eventlet
from eventlet.greenthread import GreenThread

from shop_cli.refusal import Refusal
from tools.load.connection import Answer, Connection
from tools.load.market import log_in

SECONDS_TO_INSIST = 300.0
PATIENCE = (0.05, 0.5)
CANCELLED = 0.1
"""The share of orders that their customers think better of."""

REPEATED = 0.1
"""The share of customers who ask once more, as if they had not seen the answer."""

COME_AGAIN = (0, 401, 429)


@dataclass
class Answers:
    """What the customers were told.

    Attributes:
        attempted: keys that orders were asked for with.
        accepted: by key, the ids that 202 was answered with; more than one is an order that happened twice.
        refused: by key, another answer that is final.
        retries: answers after which an order was asked for again, by status; 0 where there was none.
    """

    attempted: int = 0
    accepted: dict[str, set[str]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    retries: Counter[int] = field(default_factory=Counter)

    @property
    def given(self) -> int:
        return len(self.accepted) + len(self.refused)


@dataclass
class Customer:
    """One who is logged in, and again whenever the shop has forgotten that."""

    name: str
    token: str

    def ask(self, connection: Connection, path: str, values: object, key: str) -> Answer:
        """Status 0 where nothing answers."""
        try:
            answer = connection.post(path, values, self.token, Idempotency_Key=key)
            if answer.status == 401:
                self.token = log_in(connection, self.name, self.name)
        except (OSError, ValueError, Refusal):
            return Answer(0, b"")
        return answer


class Crowd:
    """Customers in a shop.

    Args:
        products: their ids; the first one is what everybody wants.
        seed: chooses who orders what.
    """

    def __init__(self, url: str, products: Sequence[str], customers: Sequence[Customer], seed: int) -> None:
        self.answers = Answers()
        self._url = url
        self._products = products
        self._customers = customers
        self._seed = seed
        self._threads: list[GreenThread] = []

    def begin(self, orders: int, at_once: int) -> None:
        """Place so many orders, some at once."""
        numbers = iter(range(orders))

        def buy() -> None:
            connection = Connection(self._url)
            for number in numbers:
                self._order(connection, number)
            connection.close()

        self._threads = [eventlet.spawn(buy) for _ in range(at_once)]

    def wait(self) -> None:
        """Returns when the last order is answered."""
        for thread in self._threads:
            thread.wait()

    def _order(self, connection: Connection, number: int) -> None:
        chance = random.Random(f"{self._seed} {number}")
        customer, wanted, key = chance.choice(self._customers), self._wanted(chance), f"chaos {self._seed} {number}"
        call = partial(customer.ask, connection, "/v1/orders", wanted, key)
        self.answers.attempted += 1
        answer = self._insist(call)
        if answer.status != 202:
            self.answers.refused[key] = answer.status
            return
        order_id = str(answer.json["id"])
        told = self.answers.accepted.setdefault(key, {order_id})
        if chance.random() < CANCELLED:
            path = f"/v1/orders/{order_id}/cancellation"
            self._insist(partial(customer.ask, connection, path, {}, f"{key} cancel"))
        if chance.random() < REPEATED and (again := call()).status == 202:
            told.add(str(again.json["id"]))

    def _wanted(self, chance: random.Random) -> object:
        products = {chance.choice((self._products[0], *self._products)) for _ in range(chance.choice((1, 1, 2, 3)))}
        return {"lines": [{"product_id": product, "quantity": chance.randint(1, 3)} for product in sorted(products)]}

    def _insist(self, call: Callable[[], Answer]) -> Answer:
        """The first answer that is one, or the last after SECONDS_TO_INSIST."""
        deadline = time.monotonic() + SECONDS_TO_INSIST
        while True:
            answer = call()
            come_again = answer.status in COME_AGAIN or answer.status >= 500
            if not come_again or time.monotonic() > deadline:
                return answer
            self.answers.retries[answer.status] += 1
            eventlet.sleep(random.uniform(*PATIENCE))
