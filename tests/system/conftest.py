"""Shops to test, and what they said last where a test fails."""

from tests.system.support.fixtures import (
    make_shop,
    new_stores,
    on_rabbitmq,
    pytest_runtest_makereport,
    shop,
    shop_in_one_process,
    shop_on_rabbitmq,
)

__all__ = [
    "make_shop",
    "new_stores",
    "on_rabbitmq",
    "pytest_runtest_makereport",
    "shop",
    "shop_in_one_process",
    "shop_on_rabbitmq",
]
