"""Everything here belongs to the proof."""

from pathlib import Path

import pytest

from tests.system.support.fixtures import make_shop, new_stores, on_rabbitmq, pytest_runtest_makereport

__all__ = ["make_shop", "new_stores", "on_rabbitmq", "pytest_runtest_makereport"]

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.proof)
