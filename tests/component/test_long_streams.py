"""A customer with a long history, on the real event store."""

import sqlite3
from contextlib import closing, contextmanager

import pytest

from customer_svc.service import CustomersService
from event_store_svc.service import EventStoreService
from tests.component.customers.support.world import eur, new_name, register
from tests.component.support.running import audited, calling, configuration, running
from tests.support.waiting import wait_until

EVENTS, IN_A_COMMIT = 3_000, 5
CHECK = "snapshots equal the log"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("long")


@pytest.fixture(scope="module")
def name(folder):
    """A customer of so many events and one, whom no process has in memory."""
    config, name = configuration(folder), new_name()
    with running(config, EventStoreService, CustomersService), calling(config) as cluster:
        wait_until(lambda: cluster.customers.status()["ready"])
        register(cluster, name)
        cluster.event_store.append_many([commit(f"customer-{name}", at) for at in range(1, EVENTS, IN_A_COMMIT)])
    return name


def commit(stream, version):
    data = {"username": stream.removeprefix("customer-"), "change": eur(1), "reason": "again"}
    return {
        "command_id": f"{stream}:{version}",
        "events": [{"stream": stream, "type": "CreditAdjusted", "data": data}] * IN_A_COMMIT,
        "expects": {stream: version},
        "fingerprint": None,
        "meta": {"correlation_id": "c", "causation": 0, "actor": "operator:operator", "service": "tests"},
    }


@contextmanager
def started(folder):
    """Processes that have nothing in memory."""
    config = configuration(folder)
    with running(config, EventStoreService, CustomersService), calling(config) as cluster:
        wait_until(lambda: cluster.customers.status()["ready"])
        head = cluster.event_store.head()["head"]
        wait_until(lambda: cluster.customers.status()["position"] >= head)
        yield cluster


@pytest.fixture(scope="module")
def cluster(folder, name):
    """Where the stream has been folded once."""
    with started(folder) as cluster:
        changed = cluster.customers.edit_profile(name, {"full_name": "Ann B."})
        assert changed["credit"] == eur(10_000 + EVENTS)
        yield cluster


def check(cluster):
    return next(found for found in audited(cluster, "customers")["checks"] if found["name"] == CHECK)


def kept(cluster):
    return [snapshot["version"] for snapshot in cluster.event_store.list_snapshots()["snapshots"]]


def test_a_long_history_is_kept_as_it_is_folded(cluster):
    assert len(kept(cluster)) >= 2
    assert check(cluster)["ok"] is True


@pytest.mark.parametrize("version", [None, EVENTS, 2_500, 1])
def test_it_is_shown_as_it_was(cluster, name, version):
    told = cluster.customers.state_at(f"customer-{name}", version=version)

    if version is not None:
        assert (told["version"], told["state"]["credit"]) == (version, eur(10_000 + version - 1))
    assert told["last_version"] > EVENTS


def test_it_is_shown_as_it_was_at_a_time(cluster, name):
    stream = f"customer-{name}"
    at = cluster.customers.state_at(stream, version=2_500)["at"]

    told = cluster.customers.state_at(stream, at=at)
    after = cluster.customers.state_at(stream, version=told["version"] + 1)

    assert told["version"] >= 2_500
    assert (told["at"], told["state"]) == (at, after["before"])
    assert after["at"] > at


def test_who_starts_later_goes_on_from_what_was_kept(cluster, name, folder):
    """And where that is wrong, an audit tells."""
    del cluster  # has kept it
    with closing(sqlite3.connect(folder / "log.sqlite")) as log, log:
        log.execute("UPDATE log_snapshots SET state = replace(state, 'Ann', 'Eve')")

    with started(folder) as later:
        profile = later.customers.state_at(f"customer-{name}", version=EVENTS)["state"]["profile"]
        found = check(later)

    assert profile["full_name"].startswith("Eve")
    assert (found["ok"], "is another state" in found["detail"]) == (False, True)
