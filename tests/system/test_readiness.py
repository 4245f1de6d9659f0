"""A new shop says that it is ready, and not a moment before it can be used."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import requests

from shop_cli.demo.accounts import MANAGER, MANAGER_PASSWORD
from shop_cli.demo.steps import catalogue
from tests.support.waiting import LIMIT
from tests.system.support.clients import Client
from tests.system.support.in_one_process import InOneProcess
from tests.system.support.many_processes import ManyProcesses
from tests.system.support.on_rabbitmq import ROOT, OnRabbitMQ

ADA = ("ada", "countess of lovelace")
NAMED = dict(zip(("SHOP_MANAGER_USERNAME", "SHOP_MANAGER_PASSWORD"), ADA, strict=True))
DEMOS = (MANAGER.username, MANAGER_PASSWORD)
PRODUCTS = sum(len(category["product"]) for category in catalogue())
NOTHING: Callable[[dict], None] = dict.keys


@pytest.fixture
def many_processes(rabbitmq, tmp_path) -> Callable[..., ManyProcesses]:
    return partial(ManyProcesses, tmp_path / "var", rabbitmq.uri_of(tmp_path.name))


@contextmanager
def launched(installation) -> Iterator:
    """Started, and not waited for; ended with the context."""
    installation.launch()
    try:
        yield installation
    finally:
        installation.kill_9()


def wait_for_first_ready(installation, meanwhile=NOTHING) -> Client:
    """Ask from the first moment on, without a pause. Returns at the first 200.

    Args:
        meanwhile: is told each answer that says that the shop is not ready.
    """
    while installation.is_running:
        try:
            answer = requests.get(f"{installation.url}/readyz", timeout=LIMIT)
        except requests.ConnectionError:
            continue
        if answer.status_code == 200:
            return Client(installation.url)
        meanwhile(answer.json())
    raise AssertionError(f"the shop ended:\n{installation.output}")


def assert_that_it_is_there(visitor, manager, *, products) -> None:
    """The manager can log in, and the catalogue is complete: each is asked for once."""
    session = visitor.request("POST", "/v1/sessions", json=dict(zip(("username", "password"), manager, strict=True)))

    assert session.status_code == 201, session.text
    assert session.json()["role"] == "manager"
    assert len(visitor.read_all("/v1/products", limit=100)) == products


@pytest.mark.parametrize(
    ("env", "arguments", "manager", "products"),
    [
        (NAMED, [], ADA, PRODUCTS),
        pytest.param(NAMED, ["--no-demo"], ADA, 0, marks=pytest.mark.proof),
        ({}, [], DEMOS, PRODUCTS),
    ],
    ids=["both", "manager", "demo"],
)
def test_in_one_process_it_is_ready_with_what_it_begins_with(tmp_path, env, arguments, manager, products):
    with launched(InOneProcess(tmp_path / "var", env, arguments)) as shop:
        assert_that_it_is_there(wait_for_first_ready(shop), manager, products=products)


@pytest.mark.parametrize(
    ("env", "arguments", "manager", "products"),
    [pytest.param(NAMED, [], ADA, 0, marks=pytest.mark.proof), ({}, ["--demo"], DEMOS, PRODUCTS)],
    ids=["manager", "demo"],
)
def test_in_many_processes_it_is_ready_with_what_it_begins_with(many_processes, env, arguments, manager, products):
    with launched(many_processes(env, arguments)) as shop:
        assert_that_it_is_there(wait_for_first_ready(shop), manager, products=products)


class Seeding:
    """Runs `shop seed` once all services are there: the initial data are the last that the shop waits for."""

    def __init__(self, shop: OnRabbitMQ, *options: str) -> None:
        self._start = partial(
            subprocess.Popen,
            [sys.executable, "-m", "shop_cli", "seed", "--config", str(ROOT / "config.yaml"), *options],
            env=shop._environment() | NAMED,
            stdout=subprocess.DEVNULL,
        )
        self.process: subprocess.Popen[bytes] | None = None

    def look(self, told: dict) -> None:
        if self.process is None and all(service["ready"] for service in told["services"].values()):
            assert told["seeded"] is False
            self.process = self._start()


@pytest.mark.parametrize(
    ("env", "options", "products"),
    [(NAMED, [], 0), pytest.param({"SHOP_AWAIT_SEED": "yes"}, ["--demo"], PRODUCTS, marks=pytest.mark.proof)],
    ids=["manager", "demo"],
)
def test_started_by_nameko_it_is_ready_when_it_has_been_seeded(rabbitmq, tmp_path, env, options, products):
    with launched(OnRabbitMQ(tmp_path / "var", rabbitmq.uri_of(tmp_path.name), env)) as shop:
        seeding = Seeding(shop, *options)

        visitor = wait_for_first_ready(shop, seeding.look)

        assert_that_it_is_there(visitor, ADA, products=products)
        assert seeding.process is not None
        assert seeding.process.wait() == 0
