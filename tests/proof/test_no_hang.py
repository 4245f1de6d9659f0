"""No client waits for ever, whatever is away: each route and page answers soon, and serves again when it is back.

Each service, each database and the broker is frozen, then killed, on a shop of many processes on RabbitMQ, with every
service on the database that it is made for.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

import eventlet
import psutil
import pytest
import requests

from tests.proof.support.every_route import Answer, Market
from tests.proof.support.limits import limit, load, missed
from tests.support.stopwatch import Stopwatch
from tests.system.support.crowd import at_once
from tests.system.support.many_processes import ManyProcesses
from tests.system.support.market import FIRST_MANAGER
from tests.system.support.shop_under_test import ShopUnderTest

NAME = "nohang"
SERVICES = ("customers", "products", "orders", "accounting", "event_store")
SERVERS = ("redis", "postgresql", "couchdb", "mongodb", "broker")
FAULTS = [f"{what} {fault}" for what in (*SERVICES, *SERVERS) for fault in ("frozen", "killed")]

SECONDS_TO_ANSWER = 10
SECONDS_TO_SERVE_AGAIN = 30
A_FEW = 8

THAT_READ_THE_LOG = {
    "GET /readyz",
    "GET /v1/audit",
    "GET /v1/dead-letters",
    "GET /v1/orders/{order_id}/history",
    "GET /v1/streams/{stream}",
    "GET /v1/streams/{stream}/state",
}
"""Routes that do not work without the event store, because they show the log itself."""

OF_NOTHING = {"POST /v1/dead-letters/{letter_id}/retry"}
"""Routes for things that have gone wrong before: here they answer 404."""


@dataclass(frozen=True)
class Fault:
    """Something that goes away.

    Args:
        begin, end: end it or freeze it, and bring it back.
    """

    begin: Callable[[], None]
    end: Callable[[], None]


@pytest.fixture(scope="module")
def servers(rabbitmq_server, mongodb_server, redis, postgresql, couchdb):
    if not couchdb.is_ours:
        pytest.skip("needs a CouchDB that it may kill: run without COUCHDB_TEST_URL")
    return {
        "broker": rabbitmq_server,
        "mongodb": mongodb_server,
        "redis": redis,
        "postgresql": postgresql,
        "couchdb": couchdb,
    }


@pytest.fixture(scope="module")
def shop(servers, new_stores, tmp_path_factory) -> Iterator[ShopUnderTest]:
    env = FIRST_MANAGER | new_stores(NAME)
    folder = tmp_path_factory.mktemp(NAME) / "var"
    installation = ManyProcesses(folder, servers["broker"].uri_of(NAME), env, ["--log-level=warning"])
    with ShopUnderTest(installation).running() as shop:
        yield shop


@pytest.fixture(scope="module")
def market(shop) -> Market:
    return Market(shop)


@pytest.fixture
def fault(request, shop, servers) -> Fault:
    what, how = request.param.split()
    if what in SERVICES:
        return fault_of_service(shop, what, how)
    return fault_of_server(servers[what], how)


def fault_of_service(shop, service, how) -> Fault:
    """Its supervisor brings it back, however long that takes; a frozen process may go on before."""
    process = shop.installation.processes[service]
    if how == "killed":
        return Fault(process.kill, lambda: None)
    return Fault(process.suspend, partial(go_on, [process]))


def fault_of_server(server, how) -> Fault:
    if how == "killed":
        return Fault(getattr(server, "kill", server.close), server.start)
    process = psutil.Process(server.pid)
    processes = [process, *process.children(recursive=True)]
    return Fault(partial(freeze, processes), partial(go_on, processes))


def freeze(processes):
    for process in processes:
        os.kill(process.pid, signal.SIGSTOP)


def go_on(processes):
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.resume()


@contextmanager
def lasting(fault) -> Iterator[None]:
    fault.begin()
    try:
        yield
    finally:
        fault.end()


def test_all_routes_and_pages_serve_while_nothing_is_away(market):
    """The requests of the other tests make sense."""
    answers = a_few_at_once([*market.requests(), *market.visits()])

    assert [str(answer) for answer in answers if not serves(answer)] == []


@pytest.mark.parametrize("fault", FAULTS, indirect=True)
def test_each_route_and_page_answers_soon_and_serves_again_when_it_is_back(fault, shop, market):
    asked = [*market.requests(), *market.visits()]

    with lasting(fault):
        answers = at_once(asked)
    since_then = Stopwatch()

    assert [str(answer) for answer in answers if not is_well_told(answer)] == []
    assert [str(answer) for answer in answers if answer.seconds > limit(SECONDS_TO_ANSWER)] == [], load()
    require_that_all_serve_again(market, since_then)
    assert zombies(shop) == []


@pytest.mark.parametrize("fault", ["event_store frozen", "event_store killed", "mongodb frozen"], indirect=True)
def test_reads_go_on_while_the_log_is_away(fault, market):
    reads = [ask for ask in market.requests() if is_read(ask)]

    with lasting(fault):
        answers = at_once(reads)
    since_then = Stopwatch()

    assert [str(answer) for answer in answers if answer.what not in THAT_READ_THE_LOG and not serves(answer)] == []
    require_that_all_serve_again(market, since_then)


def a_few_at_once(calls) -> list[Answer]:
    """Where all have to be served; of more, a slow machine asks some to come again."""
    return list(eventlet.GreenPool(A_FEW).imap(lambda call: call(), calls))


def is_read(ask) -> bool:
    return ask.args[1] == "GET"


def serves(answer: Answer) -> bool:
    """Whether it is what was asked for. Pages may lead to another one."""
    return 200 <= answer.status < 400 or (answer.what in OF_NOTHING and answer.status == 404)


def is_well_told(answer: Answer) -> bool:
    """Whether it serves, or says that it cannot at the moment, and when to ask again."""
    if serves(answer):
        return True
    if answer.status != 503 or int(answer.response.headers.get("Retry-After", 0)) < 1:
        return False
    kind = answer.response.headers["Content-Type"]
    return kind == "application/problem+json" or (answer.is_page and "Traceback" not in answer.response.text)


def require_that_all_serve_again(market, since_then: Stopwatch) -> None:
    """Ask everything until it has served once. A slow machine may take its time to ask; but later than so many seconds
    after the fault has ended, nothing may fail any more.
    """
    served: set[int] = set()
    while True:
        began = since_then.seconds
        failed = [str(answer) for answer in ask_what_is_left(market, served) if not serves(answer)]
        if not failed:
            return
        assert began < limit(SECONDS_TO_SERVE_AGAIN), missed(SECONDS_TO_SERVE_AGAIN, f"to serve: {failed}")


def ask_what_is_left(market, served: set[int]) -> list[Answer]:
    """The answers of all that has not served yet since the fault; `served` grows by the numbers of those that do."""
    try:
        asked = [*(partial(prepared_and_asked, each) for each in market.preparations()), *market.visits()]
    except (AssertionError, requests.RequestException) as error:
        return [not_asked(error)]
    left = [number for number in range(len(asked)) if number not in served]
    answers = a_few_at_once([asked[number] for number in left])
    served |= {number for number, answer in zip(left, answers, strict=True) if serves(answer)}
    return answers


def prepared_and_asked(prepare) -> Answer:
    try:
        ask = prepare()
    except (AssertionError, requests.RequestException) as error:
        return not_asked(error)
    return ask()


def not_asked(error: Exception) -> Answer:
    """Stands for a request where already what it is about could not be made."""
    return Answer(what="its preparation", seconds=0.0, response=None, error=repr(error))


def zombies(shop) -> list[str]:
    processes = psutil.Process(shop.installation.pid).children(recursive=True)
    return [str(process) for process in processes if process.status() == psutil.STATUS_ZOMBIE]
