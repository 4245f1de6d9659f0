"""The whole shop dies again and again while people order, and nothing is lost or done twice."""

import random
from collections.abc import Callable, Iterator
from functools import partial
from uuid import uuid4

import eventlet
import pytest
import requests

from tests.system.agreement import SERVICES, require_agreement
from tests.system.clients import Client
from tests.system.crowd import at_once
from tests.system.market import empty_shop
from tests.system.waiting import wait_until

KILLS = 10
BUYERS = 6
SECONDS_UNTIL_ANSWERED = 30


class Buyer:
    """Orders and cancels without end, and asks again, with the same key, until there is an answer.

    Args:
        products: what to choose from, by id.
        chance: what the choice depends on.
    """

    def __init__(self, client: Client, products: list[str], chance: random.Random) -> None:
        self.client = client
        self.products = products
        self.chance = chance
        self.accepted: dict[str, str] = {}
        self.cancelled: dict[str, int] = {}
        self.asked_again = 0
        self.open = True

    def shop(self) -> None:
        while self.open:
            key, lines = uuid4().hex, {self.chance.choice(self.products): self.chance.randint(1, 3) for _ in range(2)}
            order = self.place(key, lines)
            if self.chance.random() < 0.4:
                self.cancel(order)
            if self.chance.random() < 0.2:
                assert self.place(key, lines) == order

    def place(self, key: str, lines: dict[str, int]) -> str:
        answer = self.answer_to(partial(self.client.try_order, lines, key))
        assert answer.status_code == 202, answer.text
        self.accepted[key] = answer.json()["id"]
        return self.accepted[key]

    def cancel(self, order: str) -> None:
        path, key = f"/v1/orders/{order}/cancellation", uuid4().hex
        answer = self.answer_to(partial(self.client.request, "POST", path, key, json={}))
        self.cancelled[order] = answer.status_code

    def answer_to(self, ask: Callable[[], requests.Response]) -> requests.Response:
        (answer,) = wait_until(lambda: self._try(ask), SECONDS_UNTIL_ANSWERED, "an answer")
        return answer

    def _try(self, ask: Callable[[], requests.Response]) -> list[requests.Response]:
        try:
            answers = [ask()]
        except requests.RequestException:
            answers = []
        answers = [answer for answer in answers if answer.status_code != 503]
        self.asked_again += not answers
        return answers


@pytest.fixture
def market(tmp_path):
    with empty_shop(tmp_path) as shop:
        yield shop


@pytest.fixture
def buyers(market) -> Iterator[list[Buyer]]:
    """They are out of credit, and the products out of stock, before the test has ended."""
    manager = market.as_manager()
    products = [manager.add_product(price=price, units=60)["id"] for price in ("0.10", "0.20", "0.30", "0.40")]
    clients = at_once([partial(market.new_customer, credit="120.00")] * BUYERS)
    buyers = [Buyer(client, products, random.Random(number)) for number, client in enumerate(clients)]
    yield buyers
    for buyer in buyers:
        buyer.open = False


def kill_and_restart(market, chance: random.Random) -> None:
    """Let it run for a moment, kill it; sometimes once more before it is ready."""
    eventlet.sleep(chance.uniform(0.1, 0.8))  # not a wait for something: the moment of the kill is what varies
    market.kill_9()
    if chance.random() < 0.3:
        market.installation.launch()
        eventlet.sleep(chance.uniform(0.5, 1.0))
        market.kill_9()
    market.restart()


def close(buyers, shopping) -> list[str]:
    """Let everybody finish what they are at. Returns the ids of all orders."""
    for buyer in buyers:
        buyer.open = False
    for greenlet in shopping:
        greenlet.wait()
    return [order for buyer in buyers for order in buyer.accepted.values()]


def test_nothing_is_lost_or_done_twice_when_the_shop_is_killed_ten_times_under_load(market, buyers):
    chance = random.Random(9)
    shopping = [eventlet.spawn(buyer.shop) for buyer in buyers]

    for _ in range(KILLS):
        kill_and_restart(market, chance)

    accepted = close(buyers, shopping)
    books = require_agreement(market)
    assert sorted(books.stories) == sorted(accepted), "each key is one order, and there are no others"
    for buyer in buyers:
        for order, code in buyer.cancelled.items():
            assert (code, books.stories[order].status) in {(202, "cancelled"), (409, "rejected")}
    assert {story.status for story in books.stories.values()} == {"approved", "rejected", "cancelled"}
    assert len(accepted) > 10 * BUYERS
    assert sum(buyer.asked_again for buyer in buyers) >= KILLS


def test_rebuilds_that_are_killed_are_finished_under_load_after_the_restart(market, buyers):
    """The read models in use go on meanwhile; `require_agreement` compares what is shown in the end."""
    shopping = [eventlet.spawn(buyer.shop) for buyer in buyers]
    wait_until(lambda: sum(len(buyer.accepted) for buyer in buyers) > 5 * BUYERS, 20, "some orders")
    for service in SERVICES:
        market.call(service, "rebuild")
    market.kill_9()
    market.restart()

    for service in SERVICES:
        market.call(service, "rebuild")
    wait_until(lambda: not any(is_rebuilding(market, service) for service in SERVICES), 20, "the rebuilds")

    accepted = close(buyers, shopping)
    books = require_agreement(market)
    assert sorted(books.stories) == sorted(accepted)


def is_rebuilding(market, service):
    return market.call(service, "rebuild_progress")["running"]
