"""Readings that the benchmark takes from the log's file, beside the event store."""

from pathlib import Path

from shop.database.engines import sqlite_url
from tools.bench import growth, market
from tools.bench.orders_log import OrdersLog


def test_orders_are_under_way_until_they_are_invoiced(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "log.db")
    market.fill(url, products=2, customers=2)
    past, log = growth._Past(customers=2, products=2), OrdersLog(tmp_path / "log.db")
    with market.log_at(url) as store:
        for order in range(2):
            began, under_way = log.head(), []
            for commit in past.order(order):
                (outcome,) = store.append_many([commit])
                assert outcome.error is None
                under_way.append(log.under_way())

            assert under_way == [1, 1, 1, 1, 0]
            assert len(log.invoiced(began)) == 1

    assert len(log.invoiced(0)) == 2
