"""A customer with tens of thousands of orders, after a start."""

from uuid import uuid4

import pytest

from event_store_svc.sql import SqlStore
from tests.contract.support.log_builders import running_log
from tests.proof.support.limits import within
from tests.system.support.shapes import euros

ORDERS = 20_000
AT_ONCE = 1_000
SECONDS_TO_DECIDE = 1.5
"""For the customer's first order and another one's, side by side, and for asking what became of them."""


def taken(username: str, version: int) -> dict:
    """A commit that has an order take a cent of the credit."""
    stream, order_id = f"customer-{username.casefold()}", str(uuid4())
    data = {"username": username, "order_id": order_id, "amount": {"amount": 1, "currency": "EUR"}}
    return {
        "command_id": f"credit:{order_id}",
        "events": [{"stream": stream, "type": "CreditReserved", "data": data}],
        "expects": {stream: version},
        "fingerprint": None,
        "meta": {"correlation_id": order_id, "causation": 0, "actor": "service:customers", "service": "customers"},
    }


@pytest.fixture
def shop(make_shop):
    shop = make_shop()
    shop.start()
    return shop


def test_the_first_order_of_a_customer_with_many_is_decided_at_once_as_is_everybody_elses(shop):
    often, seldom = shop.new_customer(credit="9000.00"), shop.new_customer(credit="9000.00")
    product = shop.as_manager().add_product(price="10.00", units=100)
    version = shop.as_manager().read(f"/v1/streams/customer-{often.username}/state")["last_version"]
    shop.stop()
    with running_log(SqlStore(shop.installation.folder.database("log"))) as log:
        for first in range(version, version + ORDERS, AT_ONCE):
            log.append_many([taken(often.username, at) for at in range(first, first + AT_ONCE)])
    shop.start()
    often.wait_for_end(often.place_order({product["id"]: 1}))  # the first time, all is read
    shop.stop()
    shop.start()

    with within(SECONDS_TO_DECIDE, "to decide the first order of a customer with many"):
        orders = [(buyer, buyer.place_order({product["id"]: 1})) for buyer in (often, seldom)]
        ended = [buyer.wait_for_end(order)["status"] for buyer, order in orders]

    assert ended == ["approved", "approved"]
    assert often.me["credit"] == euros("8780.00")
    last = shop.as_manager().read(f"/v1/streams/customer-{often.username}/state")
    assert last["version"] == last["last_version"] > ORDERS
