"""Accounting's CouchDB is lost while the service works: it heals by itself, and nothing is invoiced twice."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from accounting_svc.service import AccountingService
from event_store_svc.service import EventStoreService
from shop.contracts.errors import ServiceUnavailable
from shop.read_models.couchdb import database, server
from tests.component.support.order_world import MAX, record
from tests.component.support.running import audited, calling, configuration, running
from tests.support.waiting import wait_until
from tests.unit.support.order_builders import approved, cancelled, line, placed


@pytest.fixture(autouse=True)
def answers_may_be_missing(monkeypatch):
    """PouchDB Server leaves some requests to a database that is being deleted without an answer. Each is made again."""
    monkeypatch.setattr(server, "SECONDS_TO_ANSWER", 1.0)
    monkeypatch.setattr(database, "SECONDS_TO_COMPUTE", 1.0)


@pytest.fixture
def config(empty_couchdb, tmp_path: Path):
    config = configuration(tmp_path)
    config["DB_URIS"]["accounting:ReadModel"] = empty_couchdb
    return config


@pytest.fixture
def prefix(empty_couchdb):
    return empty_couchdb.rpartition("/")[2]


@pytest.fixture
def cluster(config):
    with running(config, EventStoreService, AccountingService), calling(config) as cluster:
        wait_until(lambda: cluster.accounting.status()["ready"])
        yield cluster


def approve(cluster, *, cents):
    order_id = uuid4()
    order = placed(line(quantity=1, price=cents), order_id=order_id, customer="ada")
    record(cluster, order, approved(order), order_id=order_id)
    return order_id


def answers(config):
    """Everything that the service tells a manager; None while it is not ready to."""
    with calling(config, MAX) as asked, suppress(ServiceUnavailable):
        return asked.accounting.list_invoices(limit=100), asked.accounting.revenue(datetime.now(UTC).year)


def amounts(answers):
    return answers and [invoice["total"]["amount"] for invoice in answers[0]["items"]]


def test_databases_that_are_deleted_while_the_service_runs_are_made_anew_and_nothing_happens_again(
    cluster, config, couchdb, prefix
):
    orders = [approve(cluster, cents=cents) for cents in range(100, 700, 100)]
    record(cluster, cancelled(was_approved=True, order_id=orders[0]), order_id=orders[0])
    wait_until(lambda: any(invoice["credited_by"] for invoice in answers(config)[0]["items"]))
    before, head = answers(config), cluster.event_store.head()

    couchdb.delete(prefix)

    wait_until(lambda: couchdb.databases(prefix))
    wait_until(lambda: answers(config) == before)
    assert cluster.event_store.head() == head
    assert cluster.event_store.dead_letters() == []
    assert audited(cluster, "accounting")["ok"]


def test_databases_that_are_deleted_under_load_end_as_if_they_had_not_been(cluster, config, couchdb, prefix):
    for cents in range(100, 1100, 100):
        approve(cluster, cents=cents)
        if cents == 500:
            couchdb.delete(prefix)

    wait_until(lambda: amounts(answers(config)) == [*range(1000, 0, -100)])
    assert answers(config)[1]["total"]["amount"] == 5500
    assert cluster.event_store.dead_letters() == []
    assert audited(cluster, "accounting")["ok"]


def test_a_rebuild_that_was_given_up_at_its_very_beginning_keeps_no_other_from_being_done(cluster, couchdb, prefix):
    (before,) = couchdb.databases(prefix)
    number = int(before.rpartition("-r")[2])
    couchdb.create(f"{prefix}-r{number + 1}")

    cluster.accounting.rebuild()

    wait_until(lambda: len(couchdb.databases(prefix)) == 3)
    wait_until(lambda: not cluster.accounting.rebuild_progress()["running"])
    assert cluster.accounting.status()["ready"]
