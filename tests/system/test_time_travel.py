"""Streams of a running shop, and the things in it as they were."""

from datetime import datetime, timedelta

from tests.system.support.shapes import euros


def at_every_version(manager, stream):
    """The stream's states after 0, 1, 2 … events."""
    last = manager.read(f"/v1/streams/{stream}/state")["last_version"]
    return [manager.read(f"/v1/streams/{stream}/state", version=n)["state"] for n in range(last + 1)]


def test_a_product_is_shown_as_it_was_at_every_version(shop):
    manager, customer = shop.as_manager(), shop.new_customer()
    product = manager.add_product(price="10.00", units=5)
    manager.write("PATCH", f"/v1/products/{product['id']}", {"price": euros("12.00")})
    customer.wait_for_end(customer.place_order({product["id"]: 2}))
    manager.write("POST", f"/v1/products/{product['id']}/stock", {"delta": 7, "reason": "delivery"})
    manager.write("DELETE", f"/v1/products/{product['id']}")

    states = at_every_version(manager, f"product-{product['id']}")

    assert states[0] is None
    assert [(state["price"]["amount"], state["units"], state["on_sale"]) for state in states[1:]] == [
        ("10.00", 5, True),
        ("12.00", 5, True),
        ("12.00", 3, True),
        ("12.00", 10, True),
        ("12.00", 10, False),
    ]


def test_a_customer_is_shown_as_they_were_at_a_time(shop):
    manager = shop.as_manager()
    name = shop.new_customer(credit="20.00").username
    stream = f"customer-{name}"
    registered, adjusted = manager.read(f"/v1/streams/{stream}")["items"]
    just_before = datetime.fromisoformat(adjusted["at"]) - timedelta(milliseconds=1)

    before = manager.read(f"/v1/streams/{stream}/state", at=just_before.isoformat())
    after = manager.read(f"/v1/streams/{stream}/state", at=adjusted["at"])

    assert (before["version"], before["state"]["credit"]) == (1, euros("100.00"))
    assert (before["at"], before["last_version"]) == (registered["at"], 2)
    assert (after["version"], after["state"]["credit"]) == (2, euros("20.00"))


def test_a_stream_tells_what_happened_who_asked_for_it_and_who_decided(shop):
    customer, manager = shop.new_customer(), shop.as_manager()
    product = manager.add_product(price="10.00")
    order = customer.wait_for_end(customer.place_order({product["id"]: 1}))

    events = manager.read(f"/v1/streams/order-{order['id']}")["items"]

    assert [event["type"] for event in events] == ["OrderPlaced", "OrderApproved"]
    assert [event["version"] for event in events] == [1, 2]
    assert (events[0]["actor"], events[0]["causation"]) == (f"customer:{customer.username}", 0)
    assert (events[1]["service"], events[1]["correlation_id"]) == ("orders", order["id"])
    assert events[1]["causation"] > events[0]["position"]
    assert events[0]["data"]["total"] == euros("10.00")


def test_a_stream_comes_in_pages(shop):
    manager = shop.as_manager()
    product = manager.add_product(units=1)
    for _ in range(4):
        manager.write("POST", f"/v1/products/{product['id']}/stock", {"delta": 1, "reason": "one more"})

    events = manager.read_all(f"/v1/streams/product-{product['id']}", limit=2)

    assert [event["version"] for event in events] == [1, 2, 3, 4, 5]


def test_passwords_stay_secret_in_their_stream(shop):
    name = shop.new_customer().username
    manager = shop.as_manager()

    (event,) = manager.read(f"/v1/streams/credential-{name}")["items"]

    assert (event["type"], event["data"]) == ("PasswordSet", {})
    assert manager.request("GET", f"/v1/streams/credential-{name}/state").status_code == 404


def test_what_never_was_has_no_past(shop):
    manager = shop.as_manager()
    name = shop.new_customer().username

    assert manager.request("GET", "/v1/streams/customer-nobody-of-this-name").status_code == 404
    assert manager.request("GET", "/v1/streams/customer-nobody-of-this-name/state").status_code == 404
    assert manager.request("GET", f"/v1/streams/customer-{name}/state?version=2").status_code == 422
    assert shop.new_customer().request("GET", f"/v1/streams/customer-{name}").status_code == 403
