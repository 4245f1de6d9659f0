"""The audit as managers get it: the services' results as one."""

from gateway_svc.resources import audit
from tests.component.support.gateway_client import MANAGER, problem
from tests.component.support.gateway_notes import BOOKS, NOTES
from tests.component.support.gateway_samples import AT
from tests.support.waiting import SOON

SERVICES = ["event_store", "customers", "products", "orders", "accounting"]


def test_the_audit_is_that_of_all_services(gateway):
    response = gateway("GET", "/v1/audit", token=MANAGER)

    assert response.status_code == 200, response.text
    assert response.json() == {
        "position": 99,
        "checked_at": AT,
        "ok": True,
        "checks": [{"name": f"books of {service}", "ok": True, "detail": "all"} for service in SERVICES],
    }
    assert NOTES.times("audit") == len(SERVICES)


def test_one_wrong_check_makes_the_whole_wrong(gateway):
    BOOKS.wrong = {"products"}

    told = gateway("GET", "/v1/audit", token=MANAGER).json()

    assert not told["ok"]
    assert [check["name"] for check in told["checks"] if not check["ok"]] == ["books of products"]


def test_services_are_told_that_a_minute_is_too_old(gateway):
    gateway("GET", "/v1/audit", token=MANAGER)

    assert NOTES.last() == ("audit", (), {"at_least": 0, "max_age": 60.0})


def test_until_there_is_a_first_result_the_answer_is_how_far_it_is(gateway, monkeypatch):
    monkeypatch.setattr(audit, "SECONDS_TO_WAIT", SOON)
    BOOKS.unaudited = {"orders"}

    response = gateway("GET", "/v1/audit", token=MANAGER)
    told = problem(response, 503)

    assert told["detail"] == "The first audit is in progress. Retry in a few seconds."
    assert told["progress"] == {"orders": {"position": 40, "head": 100}}
    assert response.headers["Retry-After"] == "1"


def test_a_service_that_does_not_answer_is_unavailable(gateway):
    NOTES.failures["audit"] = audit.ServiceUnavailable("products")

    problem(gateway("GET", "/v1/audit", token=MANAGER), 503)
