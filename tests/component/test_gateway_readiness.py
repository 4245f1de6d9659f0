"""`GET /readyz` while a new shop is filled."""

import pytest

from gateway_svc.service import GatewayService
from shop.contracts.errors import ServiceUnavailable
from shop.contracts.names import FIRST_MANAGER
from shop.messaging.rpc import rpc
from tests.component.support.gateway_backends import BACKENDS, EventStore
from tests.component.support.gateway_client import problem, running_gateway
from tests.component.support.gateway_notes import NOTES, Noting

AWAITED = {"SHOP": {"await_seed": True}}
NAMED = {"SHOP": {"manager_username": "ada"}}
VISITORS = ["client:anna:register:1"]
DEMO = ["demo:category:1", "demo:product:1"]
SEEDED = [*DEMO, FIRST_MANAGER]


class Log:
    """The command ids in the log of the stand-in."""

    commits: list[str]


class FillingStore:
    name = "event_store"
    note = Noting()

    @rpc
    def health(self):
        self.note()
        return {"log": "l", "head": len(Log.commits), "refusal": None}

    @rpc
    def find(self, command_ids):
        self.note(command_ids)
        return {one: _commit(Log.commits.index(one) + 1) if one in Log.commits else None for one in command_ids}

    @rpc
    def read_all(self, after, limit):
        self.note(after, limit)
        commits = [_commit(position) for position in range(after + 1, len(Log.commits) + 1)][:limit]
        return {"log": "l", "head": len(Log.commits), "commits": commits, "next": None}


class LateProducts:
    """It shows the log but for the last commit."""

    name = "products"

    @rpc
    def status(self):
        return {"ready": True, "position": len(Log.commits) - 1}


def _commit(position):
    return {"position": position, "command_id": Log.commits[position - 1], "events": []}


def others(*left_out):
    return [backend for backend in BACKENDS if backend not in (EventStore, *left_out)]


@pytest.fixture
def gateway(tmp_path, request):
    """A gateway that awaits a seed, unless the test says otherwise."""
    config = getattr(request, "param", AWAITED)
    with running_gateway(tmp_path, *others(), FillingStore, GatewayService, **config) as client:
        yield client


@pytest.mark.parametrize("commits", [[], DEMO], ids=["empty", "under way"])
def test_a_shop_that_is_not_filled_yet_says_so(gateway, commits):
    Log.commits = commits

    told = problem(gateway("GET", "/readyz"), 503)

    assert told["detail"] == "The first manager or the demo data has not been created yet."
    assert (told["ready"], told["seeded"]) == (False, False)
    assert all(service["ready"] for service in told["services"].values())


@pytest.mark.parametrize("commits", [SEEDED, VISITORS], ids=["seeded", "used otherwise"])
def test_a_shop_that_is_filled_is_ready(gateway, commits):
    Log.commits = commits

    answer = gateway("GET", "/readyz")

    assert (answer.status_code, answer.json()["seeded"]) == (200, True)


@pytest.mark.parametrize(("gateway", "status"), [(AWAITED, 503), (NAMED, 503), ({}, 200)], indirect=["gateway"])
def test_an_empty_shop_is_ready_unless_it_will_be_filled(gateway, status):
    Log.commits = []

    assert gateway("GET", "/readyz").status_code == status


def test_a_read_model_that_does_not_show_the_manager_yet_is_waited_for(tmp_path):
    Log.commits = SEEDED
    late = [backend for backend in others() if backend.name != "products"]
    with running_gateway(tmp_path, *late, LateProducts, FillingStore, GatewayService, **AWAITED) as gateway:
        told = problem(gateway("GET", "/readyz"), 503)
        Log.commits = [*SEEDED, "client:anna:register:1"]

        assert gateway("GET", "/readyz").status_code == 200

    assert told["seeded"] is False


def test_a_shop_that_was_ready_is_not_asked_again_what_it_begins_with(gateway):
    Log.commits = SEEDED
    NOTES.clear()

    assert [gateway("GET", "/readyz").status_code for _ in range(3)] == [200] * 3

    assert (NOTES.times("find"), NOTES.times("read_all"), NOTES.times("health")) == (1, 0, 3)


def test_an_event_store_that_does_not_say_what_is_there_is_named(gateway):
    Log.commits = SEEDED
    NOTES.failures["find"] = ServiceUnavailable("event_store")

    told = problem(gateway("GET", "/readyz"), 503)

    assert told["detail"] == "Not ready: event_store."
    assert told["seeded"] is None
