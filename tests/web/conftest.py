"""A shop for the browser's tests to visit."""

from collections.abc import Iterator

import pytest

from tests.system.support.shop_under_test import ShopUnderTest

collect_ignore = ["browser"]  # run by test_in_browser.py


@pytest.fixture(scope="session")
def web_shop(tmp_path_factory) -> Iterator[ShopUnderTest]:
    """The demo shop with its websites."""
    shop = ShopUnderTest.in_one_process(tmp_path_factory.mktemp("web") / "var").start()
    yield shop
    assert shop.stop() == 0, shop.installation.output
