"""The routes' view of a request: the caller, and validated values."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request

from gateway_svc.conditions import versions_to_match
from gateway_svc.identity import VISITOR, Identity
from shop.contracts.actors import Actor
from shop.contracts.errors import EditConflict, InvalidRequest
from shop.contracts.wire import Wire
from shop.http.proxies import Proxies
from shop.service.validation import flat

T = TypeVar("T")


@dataclass
class Call:
    """A request.

    Args:
        proxies: trusted proxies.
        identity: the session's user; a visitor without a token.
        token: of the session; "" without one.
        query: the query string's values, loaded by the route's schema.
        body: the JSON body's, likewise.
        key: the Idempotency-Key.
    """

    request: Request
    proxies: Proxies
    identity: Identity = field(default_factory=lambda: Identity(VISITOR, ""))
    token: str = field(default="", repr=False)
    query: Wire = field(default_factory=dict)
    body: Wire = field(default_factory=dict, repr=False)
    key: str | None = None

    @property
    def actor(self) -> Actor:
        return self.identity.actor

    @property
    def client_address(self) -> str:
        """The client's IP address."""
        forwarded_for = self.request.headers.get("X-Forwarded-For", "")
        return self.proxies.client_of(self.request.environ["REMOTE_ADDR"], forwarded_for)

    def edit(self, method: Callable[..., T], *args: Any) -> T:
        """Call a method that changes a versioned resource, with each version that If-Match names.

        Raises:
            EditConflict: the present version is none of them.
        """
        versions = versions_to_match(self.request.headers.get("If-Match"))
        for version in versions[:-1] if versions else ():
            try:
                return method(*args, key=self.key, if_match=version)
            except EditConflict:
                continue
        return method(*args, key=self.key, if_match=versions[-1] if versions else None)


def query_values(query: str) -> dict[str, str]:
    """The values of a query string; an empty text search counts as none.

    Raises:
        InvalidRequest: a value is repeated, or there are too many.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=20)
    except ValueError as error:
        raise InvalidRequest({"query": ["Must not have more than 20 values."]}) from error
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        raise InvalidRequest(flat({name: ["Must not be repeated."] for name in values if names.count(name) > 1}))
    if not values.get("q"):
        values.pop("q", None)
    return values
