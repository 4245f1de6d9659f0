"""People who order and cancel without end, whatever happens to the shop meanwhile."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

import eventlet
import requests

from tests.proof.support.limits import let_pass, wait_within
from tests.support.stopwatch import Stopwatch
from tests.system.support.clients import Client
from tests.system.support.crowd import at_once
from tests.system.support.shop_under_test import PASSWORD, ShopUnderTest

PRICES = ("0.10", "0.20", "0.30", "0.40")


@dataclass(frozen=True)
class Attempt:
    """One request.

    Args:
        seconds: until it was answered, or failed.
        answer: None where there was none.
        error: why there was none.
    """

    seconds: float
    answer: requests.Response | None
    error: str = ""

    @property
    def failed(self) -> bool:
        """Whether it has to be asked again."""
        return self.answer is None or self.answer.status_code in (401, 503)

    @property
    def needs_a_session(self) -> bool:
        """Sessions are lost with the database that they are in."""
        return self.answer is not None and self.answer.status_code == 401

    def __str__(self) -> str:
        told = self.error if self.answer is None else f"{self.answer.status_code} {self.answer.text}"
        return f"{told} after {self.seconds:.1f} s"


class Buyer:
    """Orders and cancels without end, and asks again, with the same key, until there is an answer.

    Args:
        products: ids to choose from.
        chance: the source of the choices.
        pause: seconds between two orders.
        patience: seconds within which there has to be an answer.
    """

    def __init__(
        self,
        client: Client,
        products: Sequence[str],
        chance: random.Random,
        *,
        pause: float = 0.0,
        patience: float = 30,
    ) -> None:
        self.client = client
        self.products = products
        self.chance = chance
        self.accepted: dict[str, str] = {}
        self.cancelled: dict[str, int] = {}
        self.attempts: list[Attempt] = []
        self.open = True
        self._pause = pause
        self._patience = patience

    def shop(self) -> None:
        while self.open:
            key, lines = uuid4().hex, {self.chance.choice(self.products): self.chance.randint(1, 3) for _ in range(2)}
            order = self.place(key, lines)
            if self.chance.random() < 0.4:
                self.cancel(order)
            if self.chance.random() < 0.2:
                assert self.place(key, lines) == order
            let_pass(self._pause)

    def place(self, key: str, lines: dict[str, int]) -> str:
        answer = self.answer_to(partial(self.client.try_order, lines, key))
        assert answer.status_code == 202, answer.text
        self.accepted[key] = answer.json()["id"]
        return self.accepted[key]

    def cancel(self, order: str) -> None:
        path, key = f"/v1/orders/{order}/cancellation", uuid4().hex
        answer = self.answer_to(partial(self.client.request_once, "POST", path, key, json={}))
        self.cancelled[order] = answer.status_code

    def answer_to(self, ask: Callable[[], requests.Response]) -> requests.Response:
        return wait_within(self._patience, lambda: self._try(ask), "an answer").answer

    @property
    def failures(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.failed]

    def _try(self, ask: Callable[[], requests.Response]) -> Attempt | None:
        watch = Stopwatch()
        try:
            answer, error = ask(), ""
        except requests.RequestException as failure:
            answer, error = None, repr(failure)
        self.attempts.append(Attempt(watch.seconds, answer, error))
        if self.attempts[-1].needs_a_session:
            self.client.try_to_log_in(self.client.username, PASSWORD)
        return None if self.attempts[-1].failed else self.attempts[-1]


class Buyers:
    """Some of them, each with enough credit for all that they may want."""

    def __init__(self, shop: ShopUnderTest, number: int, *, units: int, credit: str, **habits: float) -> None:
        manager = shop.as_manager()
        products = [manager.add_product(price=price, units=units)["id"] for price in PRICES]
        clients = at_once([partial(shop.new_customer, credit=credit)] * number)
        self.all = [Buyer(client, products, random.Random(n), **habits) for n, client in enumerate(clients)]
        self._shopping = []

    @contextmanager
    def shopping(self) -> Iterator[None]:
        """They order while the context lasts; at its end, everybody finishes what they are at."""
        self._shopping = [eventlet.spawn(buyer.shop) for buyer in self.all]
        try:
            yield
        finally:
            for buyer in self.all:
                buyer.open = False
        for greenlet in self._shopping:
            greenlet.wait()

    def wait_for_orders(self, each: int, seconds: float) -> None:
        """Returns when each of them has placed so many more. Raises what went wrong with one of them."""
        wanted = {buyer: len(buyer.accepted) + each for buyer in self.all}
        wait_within(seconds, lambda: self._have_placed(wanted), "orders to be accepted")

    def _have_placed(self, wanted: dict[Buyer, int]) -> bool:
        for greenlet in self._shopping:
            if greenlet.dead:
                greenlet.wait()
        return all(len(buyer.accepted) >= number for buyer, number in wanted.items())

    @property
    def accepted(self) -> list[str]:
        """The ids of all orders."""
        return [order for buyer in self.all for order in buyer.accepted.values()]

    @property
    def attempts(self) -> list[Attempt]:
        return [attempt for buyer in self.all for attempt in buyer.attempts]

    @property
    def failures(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.failed]
