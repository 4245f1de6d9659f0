"""A log on each database that there is an adapter for."""

import pytest

from tests.contract.support.log_builders import SettableClock, running_log
from tests.contract.support.log_databases import MAKERS


@pytest.fixture(params=MAKERS)
def new_database(request):
    return lambda: request.param(request)


@pytest.fixture
def database(new_database):
    return new_database()


@pytest.fixture
def clock():
    return SettableClock()


@pytest.fixture
def log(database, clock):
    with running_log(database.store(clock), clock) as log:
        yield log
