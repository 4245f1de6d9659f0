"""Streams and their states, as managers ask for them."""

import pytest

from shop.contracts.names import KINDS_OF_STREAMS
from tests.component.support.gateway_client import MANAGER, problem
from tests.component.support.gateway_notes import NOTES
from tests.component.support.gateway_samples import AT, EVENTS, STREAM

STATELESS = ("credential", "clock")


def read(gateway, path, **query):
    response = gateway("GET", path, token=MANAGER, params=query)
    assert response.status_code == 200, response.text
    return response.json()


def as_text(event):
    cents = event["data"]["change"]["amount"]
    return {**event, "data": {**event["data"], "change": {"amount": f"{cents / 100:.2f}", "currency": "EUR"}}}


def test_a_stream_is_its_events_with_money_as_text(gateway):
    assert read(gateway, f"/v1/streams/{STREAM}") == {"items": [as_text(event) for event in EVENTS], "next": None}


def test_a_stream_comes_in_pages_by_version(gateway):
    first = read(gateway, f"/v1/streams/{STREAM}", limit=2)
    second = read(gateway, f"/v1/streams/{STREAM}", limit=2, after=first["next"])

    assert [[event["version"] for event in page["items"]] for page in (first, second)] == [[1, 2], [3]]
    assert (first["next"], second["next"]) == ("2", None)


def test_after_the_last_event_there_are_no_more(gateway):
    assert read(gateway, f"/v1/streams/{STREAM}", after=3) == {"items": [], "next": None}


def test_the_case_of_a_name_does_not_count(gateway):
    read(gateway, "/v1/streams/customer-ANNA")

    assert NOTES.last() == ("read_streams", ([[STREAM, 0]],), {})


@pytest.mark.parametrize("name", ["customer-bob", "customer-", "parcel-1", "order", "customer-a%20b"])
def test_an_unknown_stream_is_not_found(gateway, name):
    problem(gateway("GET", f"/v1/streams/{name}", token=MANAGER), 404)


@pytest.mark.parametrize("query", [{"after": "x"}, {"after": -1}, {"limit": 0}, {"limit": 101}, {"from": 1}])
def test_a_page_that_makes_no_sense_is_refused_by_name(gateway, query):
    response = gateway("GET", f"/v1/streams/{STREAM}", token=MANAGER, params=query)

    assert list(problem(response, 422)["errors"]) == list(query)


def test_a_repaired_clock_has_no_state(gateway):
    problem(gateway("GET", "/v1/streams/clock-1/state", token=MANAGER), 404)


@pytest.mark.parametrize(("kind", "service"), [(k, s) for k, s in KINDS_OF_STREAMS.items() if k not in STATELESS])
def test_the_service_that_writes_a_stream_tells_its_state(gateway, kind, service):
    told = read(gateway, f"/v1/streams/{kind}-1/state", version=3)

    assert NOTES.last() == ("state_at", (f"{kind}-1",), {"version": 3, "at": None})
    assert told["stream"] == f"{kind}-1"
    assert told["state"]["reserved"] == {"amount": "0.05", "currency": "EUR"}


@pytest.mark.parametrize("at", [AT, "2026-11-23T10:30:00.123456+01:00"])
def test_a_state_can_be_asked_for_by_time(gateway, at):
    gateway("GET", f"/v1/streams/{STREAM}/state", token=MANAGER, params={"at": at})

    assert NOTES.last()[2] == {"version": None, "at": AT}


@pytest.mark.parametrize(
    "query",
    [
        {"version": 4},
        {"version": "last"},
        {"at": "yesterday"},
        {"at": "2026-11-23T09:30:00"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"at": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_a_moment_that_there_is_not_is_refused(gateway, query):
    response = gateway("GET", f"/v1/streams/{STREAM}/state", token=MANAGER, params=query)

    assert list(problem(response, 422)["errors"]) == list(query)
