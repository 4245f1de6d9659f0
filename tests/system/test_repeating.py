"""An Idempotency-Key makes every write safe to repeat."""

from uuid import uuid4

import pytest

from tests.system.support.bad_input import write_requests
from tests.system.support.shop_under_test import PASSWORD

EXAMPLES = write_requests(product="", category="", order="", customer="")
# A session's token is kept by nobody, so it cannot be told again; a session that has ended cannot be ended again.
# To try a dead letter again takes one.
NOT_REPEATED = ("/v1/sessions", "/v1/dead-letters")
ROUTES = [write.route for write in EXAMPLES if not write.path.startswith(NOT_REPEATED)]
WITH_BODY = [write.route for write in EXAMPLES if write.route in ROUTES and write.fields]


@pytest.fixture
def send(shop, request):
    """Sends a good write to the route, about things of its own: `send(**changes_of_the_body)`, always with one key."""
    route = request.getfixturevalue("route")
    manager, customer = shop.as_manager(), shop.new_customer("1000.00")
    clients = {"visitor": shop.visitor(), "customer": customer, "manager": manager}
    product, category = manager.add_product("1.00", 1000), manager.add_category()
    order = customer.wait_for_end(customer.place_order({product["id"]: 1}))
    examples = write_requests(
        product=product["id"], category=category["id"], order=order["id"], customer=customer.username
    )
    (write,) = [write for write in examples if write.route == route]
    key = uuid4().hex
    own = {
        ("POST", "/v1/customers"): {"username": f"u{uuid4().hex[:8]}"},
        ("PUT", "/v1/customers/me/password"): {"current_password": PASSWORD},
    }

    def send(**changes):
        body = write.body | own.get(route, {}) | changes
        return clients[write.who].request(write.method, write.path, key=key, json=body if write.fields else None)

    return send


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_the_same_request_with_the_same_key_gets_the_same_answer_and_another_is_refused(send, route):
    answers = [send() for _ in range(3)]
    others = [send(**changed(answers[0])[route])] if route in WITH_BODY else []

    assert answers[0].ok, answers[0].text
    assert [told(answer) for answer in answers[1:]] == [told(answers[0])] * 2
    assert [(other.status_code, other.json()["type"]) for other in others] == [
        (422, "urn:shop:problem:command-reused") for _ in others
    ]


def told(answer):
    """Status, version and body, without the fields of an order that tell of its progress meanwhile."""
    body = answer.json() if answer.content else {}
    moving = {"status", "stock", "credit", "invoice", "version"} if "lines" in body else set()
    return (
        answer.status_code,
        answer.headers.get("ETag"),
        answer.headers.get("Location"),
        {name: value for name, value in body.items() if name not in moving},
    )


def changed(answer):
    """The differences of another request, by route."""
    lines = answer.json().get("lines", ()) if answer.content else ()
    return {
        ("POST", "/v1/customers"): {"full_name": "Another"},
        ("PATCH", "/v1/customers/me"): {"full_name": "Another"},
        ("PUT", "/v1/customers/me/password"): {"new_password": "another one"},
        ("PUT", "/v1/customers/{username}/credit"): {"reason": "Another"},
        ("POST", "/v1/customers/{username}/credit-changes"): {"reason": "Another"},
        ("POST", "/v1/categories"): {"name": "Another"},
        ("PATCH", "/v1/categories/{category_id}"): {"name": "Another"},
        ("POST", "/v1/products"): {"name": "Another"},
        ("PATCH", "/v1/products/{product_id}"): {"name": "Another"},
        ("POST", "/v1/products/{product_id}/stock"): {"delta": 2},
        ("POST", "/v1/orders"): {"lines": [{"product_id": line["product_id"], "quantity": 2} for line in lines]},
    }
