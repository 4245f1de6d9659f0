"""The audit as managers get it: the services' results as one."""

import pytest

from gateway_svc.resources import audit
from tests.component.support.gateway_backends import AT, BOOKS, NOTES
from tests.component.support.gateway_client import MANAGER, gateway, problem

SERVICES = ["event_store", "customers", "products", "orders", "accounting"]


@pytest.fixture(scope="module")
def running_shop(tmp_path_factory):
    with gateway(tmp_path_factory.mktemp("shop")) as client:
        yield client


@pytest.fixture
def shop(running_shop):
    NOTES.clear()
    yield running_shop
    BOOKS.reset()


def test_the_audit_is_that_of_all_services(shop):
    response = shop("GET", "/v1/audit", token=MANAGER)

    assert response.status_code == 200, response.text
    assert response.json() == {
        "position": 99,
        "checked_at": AT,
        "ok": True,
        "checks": [{"name": f"books of {service}", "ok": True, "detail": "all"} for service in SERVICES],
    }
    assert NOTES.times("audit") == len(SERVICES)


def test_one_wrong_check_makes_the_whole_wrong(shop):
    BOOKS.wrong = {"products"}

    told = shop("GET", "/v1/audit", token=MANAGER).json()

    assert not told["ok"]
    assert [check["name"] for check in told["checks"] if not check["ok"]] == ["books of products"]


def test_services_are_told_that_a_minute_is_too_old(shop):
    shop("GET", "/v1/audit", token=MANAGER)

    assert NOTES.last() == ("audit", (), {"at_least": 0, "max_age": 60.0})


def test_until_there_is_a_first_result_the_answer_is_how_far_it_is(shop, monkeypatch):
    monkeypatch.setattr(audit, "SECONDS_TO_WAIT", 0.2)
    BOOKS.unaudited = {"orders"}

    response = shop("GET", "/v1/audit", token=MANAGER)
    told = problem(response, 503)

    assert told["detail"] == "The first audit is under way. Ask again in a moment."
    assert told["progress"] == {"orders": {"position": 40, "head": 100}}
    assert response.headers["Retry-After"] == "1"


def test_a_service_that_does_not_answer_is_unavailable(shop):
    NOTES.failures["audit"] = audit.ServiceUnavailable("products")

    problem(shop("GET", "/v1/audit", token=MANAGER), 503)
