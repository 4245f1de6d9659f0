"""Customers who go on ordering, whatever happens to the shop."""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import requests

from deploy.proof.commands import Failed, wait_until
from tests.system.support.clients import Client

PASSWORD = "correct horse battery"  # noqa: S105 - of a customer who lives for a minute
SECONDS_TO_DECIDE = 180

Json = dict[str, Any]


class Buyer:
    """One customer. A request without an answer is repeated under the same key, as an app would do."""

    def __init__(self, url: str, name: str, product: Json) -> None:
        self._client = Client(url)
        self._name, self._product = name, product
        wait_until(self._is_logged_in, SECONDS_TO_DECIDE, f"{name} to be a customer")
        self._done = threading.Event()
        self._refused = ""
        self._thread = threading.Thread(target=self._buy, daemon=True)
        self.orders: dict[str, Json] = {}
        self.repeats = 0

    def __enter__(self) -> "Buyer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def wait_for_more(self, number: int = 3) -> None:
        """Returns when so many more orders were accepted."""
        wanted = len(self.orders) + number
        wait_until(lambda: len(self.orders) >= wanted, SECONDS_TO_DECIDE, f"{self._name}'s orders to be accepted")

    def check(self) -> Mapping[str, int]:
        """How the orders ended. Raises: Failed, if one of them has not, or is not there."""
        if self._refused:
            raise Failed(self._refused)
        wait_until(
            lambda: "placed" not in self._statuses().values(), SECONDS_TO_DECIDE, f"{self._name}'s orders to end"
        )
        statuses = self._statuses()
        if missing := {order["id"] for order in self.orders.values()} - statuses.keys():
            raise Failed(f"Orders that were accepted are not there: {missing}.")
        if "approved" not in statuses.values():
            raise Failed(f"No order of {self._name} was approved.")
        return Counter(statuses.values())

    def _is_logged_in(self) -> bool:
        person = {
            "username": self._name,
            "password": PASSWORD,
            "full_name": "Robin Buyer",
            "email": "robin@shop.example",
        }
        registered = self._client.request("POST", "/v1/customers", json=person).status_code
        if registered == HTTPStatus.SERVICE_UNAVAILABLE:
            return False
        log_in = self._client.request("POST", "/v1/sessions", json={"username": self._name, "password": PASSWORD})
        if log_in.ok:
            self._client.session.headers["Authorization"] = f"Bearer {log_in.json()['token']}"
        return log_in.ok

    def _statuses(self) -> dict[str, str]:
        """Of all orders, by id."""
        return {order["id"]: order["status"] for order in self._client.read_all("/v1/orders", limit=100)}

    def _buy(self) -> None:
        number = 0
        while not self._done.is_set():
            number += 1
            key = f"{self._name}-{number}"
            while (order := self._tried(key)) is None:
                self.repeats += 1
                time.sleep(0.5)
            self.orders[key] = order
            time.sleep(0.2)

    def _tried(self, key: str) -> Json | None:
        try:
            response = self._client.try_order({self._product["id"]: 1}, key)
        except requests.RequestException:
            return None
        if response.status_code in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            return None
        if response.status_code != HTTPStatus.ACCEPTED:
            self._refused = f"An order of {self._name} was answered with {response.status_code}: {response.text}"
            return None
        accepted: Json = response.json()
        return accepted
