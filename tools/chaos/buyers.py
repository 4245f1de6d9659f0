"""Customers who retry: each order is sent with the same idempotency key until it is answered."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import eventlet
from eventlet.greenthread import GreenThread

from shop_cli.refusal import Refusal
from tools.load.connection import ClientConnection, HttpAnswer
from tools.load.market import log_in

SECONDS_TO_INSIST = 300.0
PATIENCE = (0.05, 0.5)
CANCELLED = 0.1
"""Share of orders that their customers cancel."""

REPEATED = 0.1
"""Share of orders that are sent again after an answer, as if the answer were lost."""

COME_AGAIN = (0, 401, 429)


@dataclass
class Answers:
    """The answers that customers received.

    Attributes:
        attempted: idempotency keys of the orders sent.
        accepted: by key, the order ids in answers of 202; more than one is a duplicated order.
        refused: by key, the status of another final answer.
        retries: answers that made a customer retry, by status; 0 for no answer.
    """

    attempted: int = 0
    accepted: dict[str, set[str]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    retries: Counter[int] = field(default_factory=Counter)

    @property
    def given(self) -> int:
        return len(self.accepted) + len(self.refused)


@dataclass
class ChaosCustomer:
    """A customer's session; logs in again when the shop has lost it."""

    name: str
    token: str

    def ask(self, connection: ClientConnection, path: str, values: object, key: str) -> HttpAnswer:
        """The answer; status 0 for none."""
        try:
            answer = connection.post(path, values, self.token, Idempotency_Key=key)
            if answer.status == 401:
                self.token = log_in(connection, self.name, self.name)
        except (OSError, ValueError, Refusal):
            return HttpAnswer(0, b"")
        return answer


class Crowd:
    """Customers who place orders.

    Args:
        products: their ids; the first one is in most orders.
        seed: of the random choice of customers and products.
    """

    def __init__(self, url: str, products: Sequence[str], customers: Sequence[ChaosCustomer], seed: int) -> None:
        self.answers = Answers()
        self._url = url
        self._products = products
        self._customers = customers
        self._seed = seed
        self._threads: list[GreenThread] = []

    def begin(self, orders: int, at_once: int) -> None:
        """Place so many orders, `at_once` concurrently."""
        numbers = iter(range(orders))

        def buy() -> None:
            connection = ClientConnection(self._url)
            for number in numbers:
                self._order(connection, number)
            connection.close()

        self._threads = [eventlet.spawn(buy) for _ in range(at_once)]

    def wait(self) -> None:
        """Return when the last order is answered."""
        for thread in self._threads:
            thread.wait()

    def _order(self, connection: ClientConnection, number: int) -> None:
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

    def _insist(self, call: Callable[[], HttpAnswer]) -> HttpAnswer:
        """Retry until a final answer, or until SECONDS_TO_INSIST have passed; then the last answer."""
        deadline = time.monotonic() + SECONDS_TO_INSIST
        while True:
            answer = call()
            come_again = answer.status in COME_AGAIN or answer.status >= 500
            if not come_again or time.monotonic() > deadline:
                return answer
            self.answers.retries[answer.status] += 1
            eventlet.sleep(random.uniform(*PATIENCE))
