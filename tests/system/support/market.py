"""A shop of a test module's own: empty but for a manager, so that all that is in its log comes from these tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shop_cli.demo.accounts import MANAGER, MANAGER_PASSWORD
from tests.system.support.shop_under_test import ShopUnderTest

FIRST_MANAGER = {"SHOP_MANAGER_USERNAME": MANAGER.username, "SHOP_MANAGER_PASSWORD": MANAGER_PASSWORD}

ON_RABBITMQ = "on_rabbitmq"
INSTALLATIONS = ("in_one_process", pytest.param(ON_RABBITMQ, marks=pytest.mark.proof))
"""Parameters for `empty_shop_as`. Costly scenarios are proved on RabbitMQ; a test of one runs in one process."""


@contextmanager
def empty_shop_as(request: pytest.FixtureRequest, **env: str) -> Iterator[ShopUnderTest]:
    """As the parameter of the fixture says, which is one of INSTALLATIONS."""
    if request.param == ON_RABBITMQ:
        # Its log is in SQLite: a stand-in for MongoDB is too slow for many at once, and that is no fault of the shop.
        log = {"LOG_URL": f"sqlite:///{request.getfixturevalue('tmp_path_factory').mktemp('log')}/log.db"}
        installation = request.getfixturevalue("on_rabbitmq")(FIRST_MANAGER | log | env, demo=False)
        with ShopUnderTest(installation).running() as shop:
            yield shop
    else:
        with empty_shop(request.getfixturevalue("tmp_path_factory").mktemp("market"), **env) as shop:
            yield shop


@contextmanager
def empty_shop(folder: Path, **env: str) -> Iterator[ShopUnderTest]:
    """`shop run --no-demo`, with these settings, until the context ends."""
    with ShopUnderTest.in_one_process(folder / "var", FIRST_MANAGER | env, ["--no-demo"]).running() as shop:
        yield shop
