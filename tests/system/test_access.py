"""Access rights: sessions, roles, and things that belong to others."""

from uuid import uuid4

import pytest

from tests.system.support import shapes
from tests.system.support.routes import FOR_ANY_USER, FOR_ANYONE, FOR_CUSTOMERS, FOR_MANAGERS, routes, statuses
from tests.system.support.shop_under_test import PASSWORD


def log_in_from(client, network_address, username, password):
    """A try to log in from elsewhere, as a proxy on this machine would pass it on."""
    body = {"username": username, "password": password}
    return client.request("POST", "/v1/sessions", json=body, headers={"X-Forwarded-For": network_address})


# Roles


def test_every_route_is_for_somebody_known(shop):
    assert routes(shop) == FOR_ANYONE | FOR_CUSTOMERS | FOR_MANAGERS | FOR_ANY_USER


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer nonsense", f"Bearer {'x' * 43}", "Basic bWFuYWdlcjptYW5hZ2VyLWRlbW8=", "Bearer a, Bearer b"],
)
def test_without_a_session_there_is_nothing_but_the_catalogue_and_the_door(shop, authorization):
    headers = {"Authorization": authorization} if authorization else {}

    answers = statuses(shop.visitor(), routes(shop) - FOR_ANYONE, headers)

    assert {route for route, status in answers.items() if status != 401} == set()
    assert len(answers) > 20


def test_a_401_says_how_to_identify_oneself(shop):
    response = shop.visitor().request("GET", "/v1/orders")

    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.headers["Content-Type"] == "application/problem+json"


def test_customers_do_not_get_at_what_is_for_managers(shop):
    assert set(statuses(shop.new_customer(), FOR_MANAGERS).values()) == {403}


def test_managers_do_not_order_or_have_a_credit(shop):
    assert set(statuses(shop.as_manager(), FOR_CUSTOMERS).values()) == {403}


def test_a_customer_asks_for_orders_of_others_in_vain(shop):
    customer, other = shop.new_customer(), shop.new_customer()

    assert customer.request("GET", "/v1/orders", params={"customer": other.username}).status_code == 403
    assert customer.request("GET", "/v1/orders", params={"customer": customer.username}).status_code == 200


# What belongs to others


def test_what_belongs_to_another_customer_is_not_there(shop):
    owner, other, product = shop.new_customer(), shop.new_customer(), shop.as_manager().add_product()
    order = owner.wait_for_end(owner.place_order({product["id"]: 1}))
    addresses = [
        ("GET", f"/v1/orders/{order['id']}"),
        ("GET", f"/v1/orders/{order['id']}/history"),
        ("POST", f"/v1/orders/{order['id']}/cancellation"),
        ("GET", f"/v1/invoices/{order['invoice']}"),
    ]

    theirs = [other.request(method, path) for method, path in addresses]
    nobodys = [other.request(method, path.replace(order["id"], str(uuid4()))) for method, path in addresses[:3]]

    assert [response.status_code for response in theirs] == [404] * 4
    assert [response.json()["type"] for response in theirs[:3]] == [response.json()["type"] for response in nobodys]
    assert owner.order(order) == order
    assert other.read("/v1/orders")["items"] == []
    assert other.read("/v1/invoices")["items"] == []


# Sessions


def test_a_session_says_whose_it_is_and_until_when(shop):
    customer = shop.new_customer()

    response = shop.visitor().request(
        "POST", "/v1/sessions", json={"username": customer.username.upper(), "password": PASSWORD}
    )
    session = response.json()
    current = shop.visitor().request(
        "GET", "/v1/sessions/current", headers={"Authorization": f"Bearer {session['token']}"}
    )

    assert response.status_code == 201
    assert session.keys() == shapes.SESSION
    assert (session["username"], session["role"]) == (customer.username, "customer")
    assert shapes.TIME.fullmatch(session["expires_at"])
    assert len(session["token"]) >= 32
    assert current.json() == {field: session[field] for field in ("username", "role", "expires_at")}


def test_logging_out_ends_this_session_at_once_and_no_other(shop):
    customer = shop.new_customer()
    phone = shop.visitor().log_in(customer.username, PASSWORD)
    assert phone.me["username"] == customer.username, "and now it may be cached"

    response = phone.request("DELETE", "/v1/sessions/current")

    assert (response.status_code, response.content) == (204, b"")
    assert phone.request("GET", "/v1/customers/me").status_code == 401
    assert phone.request("DELETE", "/v1/sessions/current").status_code == 401
    assert customer.request("GET", "/v1/customers/me").status_code == 200


def test_a_new_password_ends_all_other_sessions_at_once(shop):
    customer = shop.new_customer()
    others = [shop.visitor().log_in(customer.username, PASSWORD) for _ in range(2)]
    assert [other.me["username"] for other in others] == [customer.username] * 2, "and now they may be cached"

    response = customer.request(
        "PUT", "/v1/customers/me/password", json={"current_password": PASSWORD, "new_password": "another password"}
    )

    assert (response.status_code, response.content) == (204, b"")
    assert [other.request("GET", "/v1/customers/me").status_code for other in others] == [401, 401]
    assert [other.request("GET", "/v1/orders").status_code for other in others] == [401, 401]
    assert customer.me["username"] == customer.username
    visitor = shop.visitor()
    assert log_in_from(visitor, "192.0.2.1", customer.username, PASSWORD).status_code == 401
    assert log_in_from(visitor, "192.0.2.1", customer.username, "another password").status_code == 201


def test_a_password_is_changed_only_by_who_knows_the_old_one(shop):
    customer = shop.new_customer()
    body = {"current_password": "a wrong guess", "new_password": "another password"}

    response = customer.request("PUT", "/v1/customers/me/password", json=body)

    assert (response.status_code, list(response.json()["errors"])) == (422, ["current_password"])
    assert shop.visitor().log_in(customer.username, PASSWORD).me["username"] == customer.username


def test_a_password_change_with_a_key_can_be_repeated(shop):
    customer = shop.new_customer()
    body = {"current_password": PASSWORD, "new_password": "another password"}

    answers = [customer.request("PUT", "/v1/customers/me/password", json=body, key="new-one") for _ in range(2)]
    other = customer.request(
        "PUT", "/v1/customers/me/password", json=body | {"new_password": "a third one"}, key="new-one"
    )

    assert [answer.status_code for answer in answers] == [204, 204]
    assert other.status_code == 422
    assert shop.visitor().log_in(customer.username, "another password").me["username"] == customer.username


def test_managers_change_their_password_too(shop):
    name = f"boss-{uuid4().hex[:8]}"
    shop.call("customers", "add_manager", name, "first password")
    manager = shop.visitor().log_in(name, "first password")

    manager.write(
        "PUT", "/v1/customers/me/password", {"current_password": "first password", "new_password": "second password"}
    )

    assert shop.visitor().log_in(name, "second password").read("/v1/sessions/current")["role"] == "manager"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(shop):
    customer, visitor = shop.new_customer(), shop.visitor()

    wrong = log_in_from(visitor, "192.0.2.2", customer.username, "not the password").json()
    unknown = log_in_from(visitor, "192.0.2.2", f"nobody-{uuid4().hex[:8]}", "not the password").json()

    assert wrong.pop("trace_id") != unknown.pop("trace_id")
    assert wrong == unknown
    assert wrong["status"] == 401


def test_guessing_a_password_is_stopped_also_for_the_right_one_but_others_are_let_in(shop):
    customer, other, visitor = shop.new_customer(), shop.new_customer(), shop.visitor()

    guesses = [log_in_from(visitor, "192.0.2.3", customer.username, f"guess number {n}") for n in range(11)]
    right = log_in_from(visitor, "192.0.2.3", customer.username, PASSWORD)

    assert [guess.status_code for guess in guesses] == [401] * 10 + [429]
    assert right.status_code == 429
    assert 1 <= int(right.headers["Retry-After"]) <= 15 * 60
    assert log_in_from(visitor, "192.0.2.3", other.username, PASSWORD).status_code == 201
    assert customer.me["username"] == customer.username, "whoever is inside stays inside"


def test_what_is_personal_is_not_kept_by_caches(shop):
    customer = shop.new_customer()

    answers = [customer.request("GET", path) for path in ("/v1/customers/me", "/v1/orders", "/v1/sessions/current")]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
