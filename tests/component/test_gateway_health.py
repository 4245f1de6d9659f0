"""Whether the gateway is alive, and the shop behind it ready."""

import pytest
from eventlet.event import Event

from gateway_svc.resources import health
from gateway_svc.service import GatewayService
from shop.contracts.errors import NotReady
from shop.messaging.rpc import rpc
from tests.component.support.gateway_backends import BACKENDS, Orders
from tests.component.support.gateway_client import problem, running_gateway
from tests.component.support.gateway_notes import NOTES
from tests.support.waiting import SOON


class BuildingOrders:
    name = "orders"

    @rpc
    def status(self):
        return {"ready": False, "position": 40}


class FullEventStore:
    name = "event_store"

    @rpc
    def health(self):
        return {"log": "l", "head": 100, "refusal": FULL}


class ReadOnlyProducts:
    name = "products"

    @rpc
    def status(self):
        return {"ready": True, "position": 100, "refusal": FULL}


FULL = "its database takes no writes: database or disk is full"
OTHERS = [backend for backend in BACKENDS if backend is not Orders]


def test_each_service_is_named_with_its_lag(gateway):
    answer = gateway("GET", "/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "seeded": True,
        "services": {
            "event_store": {"ready": True, "position": 100, "lag": 0, "reason": None},
            "customers": {"ready": True, "position": 98, "lag": 2, "reason": None},
            "products": {"ready": True, "position": 100, "lag": 0, "reason": None},
            "orders": {"ready": True, "position": 100, "lag": 0, "reason": None},
            "accounting": {"ready": True, "position": 100, "lag": 0, "reason": None},
        },
    }


def test_a_service_that_fails_is_not_ready(gateway):
    NOTES.failures["health"] = NotReady("secret")

    told = problem(gateway("GET", "/readyz"), 503)

    assert "secret" not in str(told)
    assert told["services"]["event_store"] == {"ready": False, "position": None, "lag": None, "reason": health.SILENT}
    assert told["services"]["orders"] == {"ready": True, "position": 100, "lag": None, "reason": None}


@pytest.mark.parametrize("orders", [[], [BuildingOrders]], ids=["missing", "building"])
def test_one_service_that_is_not_ready_is_told(tmp_path, orders):
    with running_gateway(tmp_path, *OTHERS, *orders, GatewayService) as gateway:
        response = gateway("GET", "/readyz")
        alive = gateway("GET", "/healthz")

    told = problem(response, 503)
    assert response.headers["Retry-After"]
    assert [name for name, service in told["services"].items() if not service["ready"]] == ["orders"]
    assert told["services"]["orders"]["lag"] == (60 if orders == [BuildingOrders] else None)
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(("refusing", "name"), [(FullEventStore, "event_store"), (ReadOnlyProducts, "products")])
def test_a_service_that_cannot_write_is_not_ready_and_says_why(tmp_path, refusing, name):
    others = [backend for backend in BACKENDS if backend.name != name]
    with running_gateway(tmp_path, *others, refusing, GatewayService) as gateway:
        told = problem(gateway("GET", "/readyz"), 503)
        counted = gateway("GET", "/metrics").text

    assert told["detail"] == f"Not ready: {name} ({FULL})."
    assert told["services"][name] == {"ready": False, "position": 100, "lag": 0, "reason": FULL}
    assert f'shop_service_ready{{service="{name}"}} 0.0' in counted


def test_a_service_is_not_waited_for_long(monkeypatch):
    monkeypatch.setattr(health, "SECONDS_TO_ANSWER", SOON)

    assert health._ask(Event().wait) is None


def test_the_gateway_is_alive_whoever_asks(gateway):
    response = gateway("GET", "/healthz?at=all", token="unknown")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_with_nobody_there_the_gateway_is_still_alive(tmp_path):
    with running_gateway(tmp_path, GatewayService) as gateway:
        assert gateway("GET", "/healthz").status_code == 200
        told = problem(gateway("GET", "/readyz"), 503)

    assert not any(service["ready"] for service in told["services"].values())
