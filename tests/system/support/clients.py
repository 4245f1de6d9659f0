"""The actions of customers and managers over HTTP, as tests name them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import requests

from tests.support.waiting import LIMIT, wait_until

Json = Any
UNAVAILABLE = 503


class Client:
    """A client of the HTTP API; a visitor until `log_in`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.username = ""
        self.session = requests.Session()
        self.session.trust_env = False

    # HTTP

    def request(self, method: str, path: str, key: str | None = None, **options: Any) -> requests.Response:
        """Any request; `key` is the Idempotency-Key. Nothing is checked.

        A shop that is too busy is asked again, as clients do: with the same key, so that it is done once.
        """
        given = key if key is not None or not _may_have_key(method, path, options) else uuid4().hex

        def answered() -> list[requests.Response]:
            answer = self.request_once(method, path, given, **options)
            return [] if answer.status_code == UNAVAILABLE else [answer]

        (answer,) = wait_until(answered, f"{method} {path} to be answered")
        return answer

    def request_once(self, method: str, path: str, key: str | None = None, **options: Any) -> requests.Response:
        """Any request, whatever the answer is."""
        headers = dict(options.pop("headers", None) or {})
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.session.request(method, self.url + path, headers=headers, timeout=LIMIT, **options)

    def read(self, path: str, **query: Any) -> Json:
        """The answer to a GET, which must be a success; a shop that is too busy is asked again."""
        return _json(self.request("GET", path, params=query))

    def read_all(self, path: str, **query: Any) -> list[Json]:
        """All items of a list, page after page."""
        items, after = [], {}
        while True:
            page = self.read(path, **query, **after)
            items += page["items"]
            if not page["next"]:
                return items
            after = {"after": page["next"]}

    def write(self, method: str, path: str, body: Json = None, key: str | None = None, **headers: str) -> Json:
        """The answer to a write, which must be a success; None without content. An edit can be read from then on."""
        answer = _json(self.request(method, path, key, json=body, headers=headers))
        if method == "PATCH":
            # The shop waits a second for its read model; a busy machine may take longer.
            wait_until(lambda: self.read(path)["version"] >= answer["version"], f"{path} to show the edit")
        return answer

    # Anyone

    def log_in(self, username: str, password: str) -> "Client":
        _json(self.try_to_log_in(username, password))
        self.username = username
        return self

    def try_to_log_in(self, username: str, password: str) -> requests.Response:
        """Use the new session, if there is one, and no other any more; nothing is checked."""
        self.session.headers.pop("Authorization", None)
        answer = self.request("POST", "/v1/sessions", json={"username": username, "password": password})
        if answer.ok:
            self.session.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return answer

    def register(self, username: str, password: str) -> Json:
        person = {"full_name": "Robin Tester", "email": "robin@shop.example"}
        return self.write("POST", "/v1/customers", {"username": username, "password": password, **person})

    def product(self, product_id: str) -> Json:
        return self.read(f"/v1/products/{product_id}")

    # Customers

    @property
    def me(self) -> Json:
        return self.read("/v1/customers/me")

    def answer_to_order(self, lines: Mapping[str, int], key: str | None = None) -> requests.Response:
        """The answer of a shop that is not too busy to an order, whether it takes it or not."""
        return self.request("POST", "/v1/orders", key or uuid4().hex, json=_wanted(lines))

    def try_order(self, lines: Mapping[str, int], key: str | None = None) -> requests.Response:
        """Order so many units by product id, once; nothing is checked."""
        return self.request_once("POST", "/v1/orders", key or uuid4().hex, json=_wanted(lines))

    def place_order(self, lines: Mapping[str, int], key: str | None = None) -> Json:
        """The order as the gateway accepted it."""
        response = self.answer_to_order(lines, key)
        assert response.status_code == 202, _told(response)
        return response.json()

    def order(self, order: Json) -> Json:
        """The order as it is now."""
        return self.read(f"/v1/orders/{order['id']}")

    def history(self, order: Json) -> Sequence[Json]:
        history: Sequence[Json] = self.read(f"/v1/orders/{order['id']}/history")["items"]
        return history

    def cancel(self, order: Json) -> requests.Response:
        return self.request("POST", f"/v1/orders/{order['id']}/cancellation", json={})

    def wait_for(self, order: Json, status: str) -> Json:
        """The order, as soon as it has this status."""

        def reached() -> Json | None:
            found.append(self.order(order))
            return found[-1] if found[-1]["status"] == status else None

        found: list[Json] = []
        try:
            return wait_until(reached, f"the order to be {status}")
        except AssertionError as error:
            raise AssertionError(f"{error}; the order is {found[-1]}") from None

    def wait_for_end(self, order: Json) -> Json:
        """The order, as soon as it is decided, nothing about it is under way, and all services show it."""
        ended = wait_until(lambda: _ended(self.order(order)), f"the end of order {order['id']}")
        wait_until(self._is_all_shown, "the read models")
        return ended

    def _is_all_shown(self) -> bool:
        services = self.request_once("GET", "/readyz").json().get("services", {})
        return bool(services) and all(service["lag"] == 0 for service in services.values())

    # Managers

    def add_category(self, name: str = "") -> Json:
        return self.write("POST", "/v1/categories", {"name": name or f"Category {uuid4().hex[:8]}"})

    def add_product(self, price: str = "10.00", units: int = 10, **fields: Any) -> Json:
        """A new product; in a category of its own where none is given."""
        product = {
            "name": f"Product {uuid4().hex[:8]}",
            "description": "Made for a test.",
            "supplier": "Test Works",
            "category_id": fields.pop("category_id", None) or self.add_category()["id"],
            "price": {"amount": price, "currency": "EUR"},
            "units_in_stock": units,
        }
        return self.write("POST", "/v1/products", product | fields)

    def set_credit(self, username: str, amount: str) -> Json:
        body = {"credit": {"amount": amount, "currency": "EUR"}, "reason": "For a test"}
        return self.write("PUT", f"/v1/customers/{username}/credit", body)

    def ship(self, order: Json) -> requests.Response:
        return self.request("POST", f"/v1/orders/{order['id']}/shipment", json={})


def some_product(client: Client, **query: Any) -> Json:
    """The cheapest product that can be bought."""
    return client.read("/v1/products", in_stock="true", sort="price", **query)["items"][0]


def _may_have_key(method: str, path: str, options: Mapping[str, Any]) -> bool:
    """Whether it is a write that can do without a key, and has none yet."""
    given = {name.lower() for name in options.get("headers") or {}}
    return method not in ("GET", "HEAD", "OPTIONS") and path != "/v1/orders" and "idempotency-key" not in given


def _wanted(lines: Mapping[str, int]) -> Json:
    return {"lines": [{"product_id": product_id, "quantity": quantity} for product_id, quantity in lines.items()]}


def _ended(order: Json) -> Json | None:
    """An approved order has its invoice; of any other, nothing is pending or still held."""
    if order["status"] in ("approved", "shipped"):
        return order if order["invoice"] else None
    under_way = order["status"] == "placed" or {order["stock"], order["credit"]} & {"pending", "reserved"}
    return None if under_way else order


def _json(response: requests.Response) -> Json:
    assert response.ok, _told(response)
    return response.json() if response.content else None


def _told(response: requests.Response) -> str:
    request = response.request
    return f"{request.method} {request.url} answered {response.status_code}: {response.text[:2000]}"
