"""Every route of the gateway, and who may ask for it."""

import re
from uuid import uuid4

FOR_ANYONE = {
    ("GET", "/healthz"),
    ("GET", "/metrics"),
    ("GET", "/readyz"),
    ("GET", "/v1/categories"),
    ("GET", "/v1/categories/{category_id}"),
    ("GET", "/v1/products"),
    ("GET", "/v1/products/{product_id}"),
    ("POST", "/v1/customers"),
    ("POST", "/v1/sessions"),
}
FOR_CUSTOMERS = {("GET", "/v1/customers/me"), ("PATCH", "/v1/customers/me"), ("POST", "/v1/orders")}
FOR_MANAGERS = {
    ("POST", "/v1/categories"),
    ("PATCH", "/v1/categories/{category_id}"),
    ("DELETE", "/v1/categories/{category_id}"),
    ("POST", "/v1/products"),
    ("PATCH", "/v1/products/{product_id}"),
    ("DELETE", "/v1/products/{product_id}"),
    ("POST", "/v1/products/{product_id}/stock"),
    ("GET", "/v1/customers"),
    ("GET", "/v1/customers/{username}"),
    ("PUT", "/v1/customers/{username}/credit"),
    ("POST", "/v1/customers/{username}/credit-changes"),
    ("POST", "/v1/orders/{order_id}/shipment"),
    ("GET", "/v1/revenue"),
    ("GET", "/v1/orders/counts"),
    ("GET", "/v1/streams/{stream}"),
    ("GET", "/v1/streams/{stream}/state"),
    ("GET", "/v1/audit"),
    ("GET", "/v1/dead-letters"),
    ("POST", "/v1/dead-letters/{letter_id}/retry"),
}
FOR_ANY_USER = {
    ("GET", "/v1/sessions/current"),
    ("DELETE", "/v1/sessions/current"),
    ("PUT", "/v1/customers/me/password"),
    ("GET", "/v1/orders"),
    ("GET", "/v1/orders/{order_id}"),
    ("GET", "/v1/orders/{order_id}/history"),
    ("POST", "/v1/orders/{order_id}/cancellation"),
    ("GET", "/v1/invoices"),
    ("GET", "/v1/invoices/{number}"),
}


def routes(shop):
    """Every route that the shop says it has."""
    paths = shop.visitor().read("/openapi.json")["paths"]
    return {(method.upper(), path) for path, operations in paths.items() for method in operations}


def statuses(client, wanted, headers=None):
    """The status that a request without any content gets, by route."""
    return {
        (method, path): client.request(method, address(path), headers=headers or {}).status_code
        for method, path in wanted
    }


def address(path):
    """An address of that form where there is nothing."""
    known = {"username": "nobody-at-all", "number": "2020-000001"}
    return re.sub(r"\{(\w+)\}", lambda variable: known.get(variable[1], str(uuid4())), path)
