"""How many connections a service takes."""

import pytest

from shop.database.engines import sqlite_url
from shop.read_models.sql import SqlReadModel
from shop.read_models.sql.model import MOST_READERS
from tests.component.support.counters_service import CounterRows
from tests.contract.support.opening import opened


@pytest.mark.parametrize(("workers", "connections"), [(5, 7), (1000, MOST_READERS + 2)])
def test_many_workers_share_some_connections(tmp_path, workers, connections):
    model = opened(sqlite_url(tmp_path / "notes.sqlite"), SqlReadModel(CounterRows))
    model.stop()
    try:
        model.container.max_workers = workers
        model.open()

        assert model.engine.pool.size() == connections
    finally:
        model.stop()
