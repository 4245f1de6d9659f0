"""Three times as many orders as the shop can take: those that it takes are quick, the others are told to come again."""

from collections.abc import Iterator

import psutil
import pytest

from shop_cli.demo.accounts import MANAGER, MANAGER_PASSWORD
from tests.proof.support.limits import require_within
from tests.system.support.agreement import require_agreement
from tests.system.support.shop_under_test import ShopUnderTest
from tools.load.connection import ClientConnection
from tools.load.generator import closed_loop, open_loop
from tools.load.market import Market, log_in, market_of
from tools.load.tally import Tally, percentile

MOST_SECONDS = 6.0
"""Two for a worker, and then as long as fifty orders at once take a shop that is busy refusing others. Without load
shedding at the gateway it was more than seven.
"""
MEGABYTE = 2**20
MAY_GROW = 40
"""Megabytes of each process: its memory of the orders is bounded, and fills at first."""


class Sorting(Tally):
    """Those that were taken apart from all others."""

    def __init__(self, taken: Tally, others: Tally) -> None:
        super().__init__()
        self._taken, self._others = taken, others

    def add(self, seconds: float, status: int) -> None:
        (self._taken if status == 202 else self._others).add(seconds, status)


@pytest.fixture(scope="module")
def shop(on_rabbitmq) -> Iterator[ShopUnderTest]:
    with ShopUnderTest(on_rabbitmq()).running() as shop:
        yield shop


@pytest.fixture(scope="module")
def market(shop) -> Market:
    connection = ClientConnection(shop.installation.url)
    manager = log_in(connection, MANAGER.username, MANAGER_PASSWORD)
    return market_of(connection, customers=10, manager_token=manager)


@pytest.fixture(scope="module")
def capacity(shop, market) -> float:
    """Orders per second that some patient customers place."""
    tally = Tally()
    closed_loop(shop.installation.url, market.place_order, tally, clients=16, seconds=5)
    assert set(tally.statuses) == {202}
    return tally.rate


def memory_of(shop) -> dict[str, float]:
    """Resident megabytes of each service."""
    processes = shop.installation.all
    return {process.service: psutil.Process(process.pid).memory_info().rss / MEGABYTE for process in processes}


def test_below_its_capacity_nobody_is_sent_away(shop, market, capacity):
    tally = Tally()

    open_loop(shop.installation.url, market.place_order, tally, rate=capacity / 2, seconds=5)

    assert set(tally.statuses) == {202}
    require_within(MOST_SECONDS, percentile(tally.seconds, 99), "99 of 100 orders")


def test_at_three_times_its_capacity_what_is_taken_is_quick_and_the_rest_is_told_to_come_again(shop, market, capacity):
    taken, others = Tally(), Tally()
    before = memory_of(shop)

    open_loop(shop.installation.url, market.place_order, Sorting(taken, others), rate=3 * capacity, seconds=15)

    assert set(others.statuses) == {503}
    require_within(MOST_SECONDS, percentile(taken.seconds, 99), "99 of 100 orders that were taken")
    require_within(MOST_SECONDS, percentile(others.seconds, 99), "99 of 100 refusals")
    assert taken.statuses[202] > capacity * 15 / 4, "most of what it can do, it still does"
    after = memory_of(shop)
    assert {name: grown for name in after if (grown := after[name] - before[name]) > MAY_GROW} == {}
    require_agreement(shop)
