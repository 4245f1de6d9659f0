"""A shop with something of everything, and people who send it bad requests."""

import json
from uuid import uuid4

from tests.system.support import bad_input
from tests.system.support.refusals import exchange

JSON = "application/json"


class Stage:
    """A shop with something of everything, and people who send it bad requests."""

    def __init__(self, shop):
        self.shop = shop
        manager, customer = shop.as_manager(), shop.new_customer("1000.00")
        self.clients = {"visitor": shop.visitor(), "customer": customer, "manager": manager}
        self.product = manager.add_product("1.00", 1000)
        self.order = customer.wait_for_end(customer.place_order({self.product["id"]: 1}))
        examples = bad_input.write_requests(
            product=self.product["id"],
            category=self.product["category"]["id"],
            order=self.order["id"],
            customer=customer.username,
        )
        self.writes = {write.route: write for write in examples}

    def send(self, write, body=None, *, content_type=JSON, path=None, **headers):
        """The answer to a write with this body instead of the good one."""
        known = {"Content-Type": content_type} if content_type else {}
        if write.needs_key:
            known["Idempotency-Key"] = uuid4().hex
        return self.clients[write.who].request(write.method, path or write.path, data=body, headers=known | headers)

    def good_body(self, write):
        return json.dumps(write.body).encode() if write.fields else b""

    def raw(self, write, fields, body):
        """The answer to a write with these header fields and this body, sent as they are."""
        return exchange(self.shop, self.head_of(write, fields), body)

    def head_of(self, write, fields):
        """The first bytes of a write with these header fields."""
        session = self.clients[write.who].session.headers.get("Authorization", "")
        known = [f"Authorization: {session}\r\n"] if session else []
        if b"Idempotency-Key" not in fields and write.needs_key:
            known.append(f"Idempotency-Key: {uuid4().hex}\r\n")
        head = f"{write.method} {write.path} HTTP/1.1\r\nHost: shop\r\nContent-Type: {JSON}\r\n{''.join(known)}"
        return head.encode() + fields + b"\r\n"

    def facts(self):
        """Data of all services, each asked anew. None of them may change by a bad request."""
        customer, manager = self.clients["customer"], self.clients["manager"]
        readiness = manager.read("/readyz")
        return {
            "ready": {name: service["ready"] for name, service in readiness["services"].items()},
            "customers": customer.me,
            "products": manager.product(self.product["id"]),
            "orders": manager.read("/v1/orders", limit=1)["items"],
            "accounting": customer.read("/v1/invoices")["items"],
        }
