"""Metrics that Prometheus gets about the gateway, and about the services behind it."""

from contextlib import closing

from eventlet.event import Event
from prometheus_client.parser import text_string_to_metric_families

from gateway_svc.service import GatewayService
from shop.messaging.rpc import rpc
from tests.component.support.gateway_backends import BACKENDS, Orders
from tests.component.support.gateway_client import MANAGER, running_gateway
from tests.component.support.gateway_samples import ORDER, ORDER_ID, PRODUCT_ID
from tests.support.waiting import wait_until

OTHERS = [backend for backend in BACKENDS if backend is not Orders]


def ask_for(path):
    return f"GET {path} HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {MANAGER}\r\n\r\n".encode()


def samples(gateway):
    """Each sample's value, by its name and its labels in the order of their names."""
    answer = gateway("GET", "/metrics")
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/plain")
    families = text_string_to_metric_families(answer.text)
    found = [sample for family in families for sample in family.samples]
    return {(one.name, *(one.labels[label] for label in sorted(one.labels))): one.value for one in found}


def in_flight(gateway):
    return samples(gateway)["shop_http_requests_in_flight",]


def counted(gateway, *requests):
    """By method, route and status: how many requests were counted while these were sent."""
    before = samples(gateway)
    for method, path in requests:
        gateway(method, path, token=MANAGER)
    after = samples(gateway)
    grown = {key[1:]: after[key] - before.get(key, 0) for key in after if key[0] == "shop_http_requests_total"}
    return {labels: number for labels, number in grown.items() if number and "/metrics" not in labels}


def test_requests_are_counted_by_route_and_status(gateway):
    found = counted(
        gateway,
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


def test_what_clients_make_up_is_one_label(gateway):
    found = counted(gateway, ("GET", "/v1/nothing"), ("GET", "/never/heard/of"), ("BREW", "/v1/products"))

    assert found == {("other", "other", "404"): 2, ("other", "other", "405"): 1}


def test_a_request_that_is_refused_at_the_door_is_counted(gateway):
    before = samples(gateway)

    gateway.raw(b"GET /healthz HTTP/1.1\r\nHost: shop\r\n" + b"X: y\r\n" * 3000 + b"\r\n")

    key = ("shop_http_requests_total", "other", "other", "431")
    assert samples(gateway)[key] == before.get(key, 0) + 1


def test_the_time_that_answers_take_is_a_histogram(gateway):
    before = samples(gateway)

    gateway("GET", "/v1/categories")

    after = samples(gateway)
    labels = ("GET", "/v1/categories")
    count, most = ("shop_http_request_seconds_count", *labels), ("shop_http_request_seconds_bucket", "+Inf", *labels)
    total = ("shop_http_request_seconds_sum", *labels)
    assert after[count] == after[most] == before.get(count, 0) + 1
    assert after[total] > before.get(total, 0)


def test_requests_in_flight_are_those_without_an_answer(tmp_path):
    answered = Event()

    class WaitingOrders:
        name = "orders"

        @rpc
        def get_order(self, order_id):
            answered.wait()
            return ORDER | {"id": order_id}

    with (
        running_gateway(tmp_path, *OTHERS, WaitingOrders, GatewayService) as gateway,
        closing(gateway.send(ask_for(f"/v1/orders/{ORDER_ID}"))),
    ):
        wait_until(lambda: in_flight(gateway) == 2)  # it, and the one that asks
        answered.send()
        wait_until(lambda: in_flight(gateway) == 1)


def test_each_service_is_told_with_its_lag(gateway):
    found = samples(gateway)

    assert {key[1]: value for key, value in found.items() if key[0] == "shop_service_lag_commits"} == {
        "event_store": 0,
        "customers": 2,
        "products": 0,
        "orders": 0,
        "accounting": 0,
    }


def test_a_service_that_is_missing_is_not_ready_and_has_no_lag(tmp_path):
    with running_gateway(tmp_path, *OTHERS, GatewayService) as gateway:
        found = samples(gateway)

    assert found["shop_service_ready", "orders"] == 0
    assert found["shop_service_ready", "products"] == 1
    assert ("shop_service_lag_commits", "orders") not in found
