"""A shop with two processes of each service, under load, while its broker and its processes go away and come back."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import orjson
import pytest

from shop.contracts.errors import ServiceUnavailable
from shop_cli.running import RunningShop
from tests.proof.support.buyers import Buyers
from tests.proof.support.limits import left_of, let_pass, limit, missed, wait_within, within
from tests.servers.rabbitmq import RabbitMQ
from tests.support.stopwatch import Stopwatch
from tests.support.waiting import has_ended, wait_until
from tests.system.support.agreement import SERVICES as FOLLOWERS
from tests.system.support.agreement import require_agreement
from tests.system.support.many_processes import ManyProcesses
from tests.system.support.market import FIRST_MANAGER
from tests.system.support.readiness import is_ready
from tests.system.support.shop_under_test import ShopUnderTest

SERVICES = ("event_store", *FOLLOWERS, "gateway")
PROCESSES = {f"{service}.{number}" for service in SERVICES for number in (1, 2)}
QUESTIONS = {"event_store": "head"} | dict.fromkeys(FOLLOWERS, "status")
TURNS = 6
"""Calls in a row, of which each of two processes gets some."""

BUYERS = 4
SECONDS_TO_SERVE_AGAIN = 30
SECONDS_TO_HAND_OVER = 10
SECONDS_TO_STOP = 10
SECONDS_TO_ANSWER = 15
"""Of a request: for a worker, for the session, for what is asked."""


@pytest.fixture(scope="module")
def broker(tmp_path_factory) -> Iterator[RabbitMQ]:
    RabbitMQ.require_installed()
    broker = RabbitMQ(tmp_path_factory.mktemp("rabbitmq"))
    broker.start()
    yield broker
    broker.close()


@pytest.fixture(scope="module")
def started(broker, tmp_path_factory) -> Iterator[ShopUnderTest]:
    arguments = ["--processes=2", f"--only={','.join(SERVICES)}", "--log-level=warning"]
    folder = tmp_path_factory.mktemp("outages") / "var"
    with ShopUnderTest(ManyProcesses(folder, broker.uri, FIRST_MANAGER, arguments)).running() as shop:
        yield shop


@pytest.fixture
def shop(started, broker) -> ShopUnderTest:
    """The shop when all of it works; the test before may have harmed it."""
    if not broker.is_running:
        broker.start()
    wait_until(lambda: is_whole(started), "the whole shop")
    return started


def is_whole(shop):
    """Whether all processes are there, and each answers."""
    if set(shop.installation.processes) != PROCESSES or not is_ready(shop.url):
        return False
    with RunningShop(shop.installation.folder).client(seconds=3) as client:
        try:
            return all(all_answer(client, service) for service in QUESTIONS)
        except ServiceUnavailable:
            return False


def all_answer(client, service):
    for _ in range(TURNS):
        client.call(service, QUESTIONS[service])
    return client.processes(service) == 2


@contextmanager
def crowded(shop) -> Iterator[Buyers]:
    """Customers order all the time. In the end, each order that was accepted is there and has ended, and nothing has
    happened twice; the shop's own audit says so, too.
    """
    buyers = Buyers(shop, BUYERS, units=100_000, credit="5000.00", pause=0.3, patience=90)
    with buyers.shopping():
        buyers.wait_for_orders(2, 20)
        yield buyers
        buyers.wait_for_orders(2, 20)
    books = require_agreement(shop)
    assert set(buyers.accepted) <= set(books.stories)
    assert {code for buyer in buyers.all for code in buyer.cancelled.values()} <= {202, 409}
    done = shop.installation.command("audit")
    assert done.returncode == 0, done.stdout + done.stderr


def active(shop, service):
    """The process that follows the log for a service; its first one where none has to."""
    lines = map(orjson.loads, shop.installation.log_file.read_text().splitlines())
    began = [line["process"] for line in lines if line["event"] == "follows the log" and line["service"] == service]
    return began[-1] if began else f"{service}.1"


# The broker


def restart_after(broker, seconds):
    broker.kill()
    let_pass(seconds)
    broker.start()


def freeze_for(broker, seconds):
    broker.pause()
    let_pass(seconds)
    broker.resume()


def test_when_the_broker_comes_back_under_load_all_serve_again_and_nothing_is_lost(shop, broker):
    processes = shop.installation.processes

    with crowded(shop) as buyers:
        for trouble, seconds in ((restart_after, 12), (restart_after, 30), (freeze_for, 8)):
            trouble(broker, seconds)
            back = Stopwatch()

            buyers.wait_for_orders(2, left_of(SECONDS_TO_SERVE_AGAIN, back))
            wait_within(left_of(SECONDS_TO_SERVE_AGAIN, back), lambda: is_whole(shop), "the whole shop")

    assert shop.installation.processes == processes, "nobody had to be replaced"
    require_answers_in_time(buyers)


def require_answers_in_time(buyers):
    """Each request was answered, and where it was not carried out, the client knows what to do."""
    assert [str(attempt) for attempt in buyers.attempts if attempt.answer is None] == []
    slowest = max(attempt.seconds for attempt in buyers.attempts)
    assert slowest < limit(SECONDS_TO_ANSWER), missed(SECONDS_TO_ANSWER, f"an answer; the slowest took {slowest:.1f} s")
    assert buyers.failures
    for attempt in buyers.failures:
        assert attempt.answer.headers["Content-Type"] == "application/problem+json"
        assert int(attempt.answer.headers["Retry-After"]) >= 1


# Processes


def test_a_process_that_is_killed_hands_over_soon_and_nothing_is_lost(shop):
    with crowded(shop) as buyers:
        buyer = buyers.all[0]
        for service in SERVICES:
            shop.installation.send(active(shop, service), signal.SIGKILL)

            with within(SECONDS_TO_HAND_OVER, f"{service} to hand over"):
                order = buyer.place(f"after {service}", {buyer.products[0]: 1})
                wait_until(lambda: invoice_of(buyer, order), "the invoice")  # noqa: B023 - at once

            wait_until(lambda: is_whole(shop), "the whole shop")


def invoice_of(buyer, order):
    """The end of its order's way through all services; None if it is not there yet."""
    return buyer.answer_to(partial(buyer.client.request_once, "GET", f"/v1/orders/{order}")).json()["invoice"]


def test_a_process_that_is_frozen_hands_over_soon_and_does_nothing_twice_when_it_goes_on(shop):
    with crowded(shop):
        frozen = active(shop, "orders")
        shop.installation.send(frozen, signal.SIGSTOP)
        try:
            wait_within(SECONDS_TO_HAND_OVER, lambda: active(shop, "orders") != frozen, "another process to take over")
        finally:
            shop.installation.send(frozen, signal.SIGCONT)


# Rolling restarts


def test_restarting_one_process_after_the_other_under_load_fails_no_request(shop):
    with crowded(shop) as buyers:
        for name in sorted(PROCESSES):
            process = shop.installation.processes[name]
            times = times_back(shop, name)

            process.terminate()

            wait_within(SECONDS_TO_STOP, lambda: has_ended(process), f"the end of {name}")  # noqa: B023 - at once
            wait_until(lambda: times_back(shop, name) > times, f"{name} to be back")  # noqa: B023 - likewise

    assert [str(attempt) for attempt in buyers.failures] == []


def times_back(shop, name):
    """How often its supervisor has seen the process at work again."""
    return len(re.findall(rf"^{name} +\| works again$", shop.installation.output, re.MULTILINE))
