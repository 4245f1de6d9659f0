"""Common conditions of the tests of single services: the shop waits for what comes, however long that takes."""

from collections.abc import Iterator
from functools import partial

import pytest

from event_store_svc import log as event_store_log
from event_store_svc import patience
from gateway_svc import identity, routes
from gateway_svc.boundary.limits import Limits
from gateway_svc.boundary.server import HttpServer
from gateway_svc.identity import IdentityCache
from gateway_svc.resources import audit, health
from shop.database import engines
from shop.event_sourcing import log, runner
from shop.messaging import consumer, liveness, publisher
from shop.read_models.couchdb import database as couchdb_database
from shop.read_models.couchdb import server as couchdb_server
from shop.read_models.redis import model as redis_model
from shop.service import settings
from tests.component.support.gateway_client import Client, running_gateway
from tests.component.support.gateway_notes import BOOKS, NOTES
from tests.component.support.patience import MOST_FOR_A_CALL, NEVER

TIME_OUTS = {
    event_store_log: ["SECONDS_TO_VERIFY"],
    patience: ["PATIENCE"],
    routes: ["WAIT_FOR_WORKER", "SECONDS_TO_ANSWER"],
    audit: ["SECONDS_TO_WAIT"],
    health: ["SECONDS_TO_ANSWER"],
    consumer: ["SECONDS_FOR_A_CONNECTION", "SECONDS_FOR_A_FAREWELL", "SECONDS_OF_STANDSTILL"],
    liveness: ["SECONDS_TO_ANSWER", "SECONDS_TO_GIVE_UP"],
    log: ["SECONDS_TO_SHOW", "SECONDS_TO_CATCH_UP"],
    runner: ["LEASE_SECONDS"],
    publisher: ["SECONDS_TO_SEND", "SECONDS_FOR_A_FAREWELL"],
    couchdb_database: ["SECONDS_TO_COMPUTE"],
    couchdb_server: ["SECONDS_TO_CONNECT", "SECONDS_TO_ANSWER"],
    redis_model: ["SECONDS_TO_ANSWER"],
    engines: ["SECONDS_FOR_A_LOCK", "SECONDS_TO_ANSWER"],
}

NO_HURRY = Limits(
    head_seconds=NEVER, body_seconds=NEVER, idle_seconds=NEVER,
    send_seconds=NEVER, drain_seconds=NEVER, stop_seconds=NEVER,
)  # fmt: skip


@pytest.fixture(autouse=True, scope="package")
def patient_shop() -> Iterator[None]:
    """No time-out of the shop's own runs out. A test that wants one to gives it SOON."""
    with pytest.MonkeyPatch.context() as patch:
        for module, names in TIME_OUTS.items():
            for name in names:
                patch.setattr(module, name, NEVER)
        patch.setattr(identity, "IdentityCache", partial(IdentityCache, seconds=NEVER))
        patch.setattr(HttpServer, "limits", NO_HURRY)
        patch.setitem(settings.DEFAULTS["SHOP"], "rpc_timeout_seconds", MOST_FOR_A_CALL)
        patch.setitem(settings.DEFAULTS["SHOP"], "order_timeout_seconds", NEVER)
        yield


@pytest.fixture(scope="package")
def gateway_of_all_tests(patient_shop: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running_gateway(tmp_path_factory.mktemp("gateway")) as client:
        yield client


@pytest.fixture
def gateway(gateway_of_all_tests: Client) -> Client:
    """The gateway, in front of stand-ins that have noted nothing yet and do as usual."""
    NOTES.clear()
    BOOKS.reset()
    return gateway_of_all_tests
