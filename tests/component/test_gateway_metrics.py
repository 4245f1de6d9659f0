"""What Prometheus learns about the gateway, and about the services behind it."""

from contextlib import closing

import pytest
from eventlet.event import Event
from prometheus_client.parser import text_string_to_metric_families

from gateway_svc.resources import health
from gateway_svc.service import GatewayService
from shop.chassis.rpc import rpc
from tests.component.support.gateway_backends import BACKENDS, NOTES, ORDER, ORDER_ID, PRODUCT_ID, Orders
from tests.component.support.gateway_client import MANAGER, gateway
from tests.support.waiting import wait_until

OTHERS = [backend for backend in BACKENDS if backend is not Orders]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with gateway(tmp_path_factory.mktemp("shop")) as client:
        yield client


@pytest.fixture(autouse=True)
def nothing_noted():
    NOTES.clear()


def ask_for(path):
    return f"GET {path} HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {MANAGER}\r\n\r\n".encode()


def samples(shop):
    """Each sample's value, by its name and its labels in the order of their names."""
    answer = shop("GET", "/metrics")
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/plain")
    families = text_string_to_metric_families(answer.text)
    found = [sample for family in families for sample in family.samples]
    return {(one.name, *(one.labels[label] for label in sorted(one.labels))): one.value for one in found}


def in_flight(shop):
    return samples(shop)["shop_http_requests_in_flight",]


def counted(shop, *requests):
    """By method, route and status: how many requests were counted while these were sent."""
    before = samples(shop)
    for method, path in requests:
        shop(method, path, token=MANAGER)
    after = samples(shop)
    grown = {key[1:]: after[key] - before.get(key, 0) for key in after if key[0] == "shop_http_requests_total"}
    return {labels: number for labels, number in grown.items() if number and "/metrics" not in labels}


def test_requests_are_counted_by_route_and_status(shop):
    found = counted(
        shop,
        ("GET", "/v1/products"),
        ("GET", "/v1/products?limit=0"),
        ("GET", f"/v1/orders/{ORDER_ID}"),
        ("GET", f"/v1/orders/{PRODUCT_ID}"),
    )

    assert found == {
        ("GET", "/v1/products", "200"): 1,
        ("GET", "/v1/products", "422"): 1,
        ("GET", "/v1/orders/{order_id}", "200"): 1,
        ("GET", "/v1/orders/{order_id}", "404"): 1,
    }


def test_what_clients_make_up_is_one_label(shop):
    found = counted(shop, ("GET", "/v1/nothing"), ("GET", "/never/heard/of"), ("BREW", "/v1/products"))

    assert found == {("other", "other", "404"): 2, ("other", "other", "405"): 1}


def test_a_request_that_is_refused_at_the_door_is_counted(shop):
    before = samples(shop)

    shop.raw(b"GET /healthz HTTP/1.1\r\nHost: shop\r\n" + b"X: y\r\n" * 3000 + b"\r\n")

    key = ("shop_http_requests_total", "other", "other", "431")
    assert samples(shop)[key] == before.get(key, 0) + 1


def test_the_time_that_answers_take_is_a_histogram(shop):
    before = samples(shop)

    shop("GET", "/v1/categories")

    after = samples(shop)
    labels = ("GET", "/v1/categories")
    count, most = ("shop_http_request_seconds_count", *labels), ("shop_http_request_seconds_bucket", "+Inf", *labels)
    total = ("shop_http_request_seconds_sum", *labels)
    assert after[count] == after[most] == before.get(count, 0) + 1
    assert 0 < after[total] - before.get(total, 0) < 10


def test_requests_in_flight_are_those_without_an_answer(tmp_path):
    answered = Event()

    class WaitingOrders:
        name = "orders"

        @rpc
        def get_order(self, order_id):
            answered.wait()
            return ORDER | {"id": order_id}

    with (
        gateway(tmp_path, *OTHERS, WaitingOrders, GatewayService) as shop,
        closing(shop.send(ask_for(f"/v1/orders/{ORDER_ID}"))),
    ):
        wait_until(lambda: in_flight(shop) == 2)  # it, and the one that asks
        answered.send()
        wait_until(lambda: in_flight(shop) == 1)


def test_each_service_is_told_with_its_lag(shop):
    found = samples(shop)

    assert {key[1]: value for key, value in found.items() if key[0] == "shop_service_lag_commits"} == {
        "event_store": 0,
        "customers": 2,
        "products": 0,
        "orders": 0,
        "accounting": 0,
    }


def test_a_service_that_is_missing_is_not_ready_and_has_no_lag(tmp_path, monkeypatch):
    monkeypatch.setattr(health, "SECONDS_TO_ANSWER", 0.2)
    with gateway(tmp_path, *OTHERS, GatewayService) as shop:
        found = samples(shop)

    assert found["shop_service_ready", "orders"] == 0
    assert found["shop_service_ready", "products"] == 1
    assert ("shop_service_lag_commits", "orders") not in found
