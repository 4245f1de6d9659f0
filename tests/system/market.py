"""A shop of a test module's own: empty but for a manager, so that all that is in its log comes from these tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shop.cli.demo.accounts import MANAGER, MANAGER_PASSWORD
from tests.system.shop_under_test import ShopUnderTest

FIRST_MANAGER = {"SHOP_MANAGER_USERNAME": MANAGER.username, "SHOP_MANAGER_PASSWORD": MANAGER_PASSWORD}


@contextmanager
def empty_shop(folder: Path, **env: str) -> Iterator[ShopUnderTest]:
    """`shop run --no-demo`, with these settings, until the context ends."""
    shop = ShopUnderTest.in_one_process(folder / "var", FIRST_MANAGER | env, ["--no-demo"]).start()
    try:
        yield shop
    finally:
        shop.kill_9()
