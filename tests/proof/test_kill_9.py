"""The whole shop dies again and again while people order, and nothing is lost or done twice."""

import random

import pytest

from tests.proof.support.buyers import Buyers
from tests.proof.support.limits import let_pass, wait_within
from tests.support.chance import chance
from tests.system.support.agreement import SERVICES, require_agreement
from tests.system.support.market import empty_shop

KILLS = 10
BUYERS = 6


@pytest.fixture
def market(tmp_path):
    with empty_shop(tmp_path) as shop:
        yield shop


@pytest.fixture
def buyers(market):
    """They are out of credit, and the products out of stock, before the test has ended."""
    return Buyers(market, BUYERS, units=60, credit="120.00")


def kill_and_restart(market, moments: random.Random) -> None:
    """Let it run for a moment, kill it; sometimes once more before it is ready."""
    let_pass(moments.uniform(0.1, 0.8))
    market.kill_9()
    if moments.random() < 0.3:
        market.installation.launch()
        let_pass(moments.uniform(0.5, 1.0))
        market.kill_9()
    market.restart()


def test_nothing_is_lost_or_done_twice_when_the_shop_is_killed_ten_times_under_load(market, buyers):
    moments = chance("kills")

    with buyers.shopping():
        for _ in range(KILLS):
            kill_and_restart(market, moments)

    books = require_agreement(market)
    assert sorted(books.stories) == sorted(buyers.accepted), "each key is one order, and there are no others"
    for buyer in buyers.all:
        for order, code in buyer.cancelled.items():
            assert (code, books.stories[order].status) in {(202, "cancelled"), (409, "rejected")}
    assert {story.status for story in books.stories.values()} == {"approved", "rejected", "cancelled"}
    assert len(buyers.accepted) > 10 * BUYERS
    assert len(buyers.failures) >= KILLS


def test_rebuilds_that_are_killed_are_finished_under_load_after_the_restart(market, buyers):
    """The read models in use go on meanwhile; `require_agreement` compares what is shown in the end."""
    with buyers.shopping():
        buyers.wait_for_orders(5, 20)
        for service in SERVICES:
            market.call(service, "rebuild")
        market.kill_9()
        market.restart()

        for service in SERVICES:
            market.call(service, "rebuild")
        wait_within(20, lambda: not any(is_rebuilding(market, service) for service in SERVICES), "the rebuilds")

    books = require_agreement(market)
    assert sorted(books.stories) == sorted(buyers.accepted)


def is_rebuilding(market, service):
    return market.call(service, "rebuild_progress")["running"]
