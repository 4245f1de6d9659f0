"""Authentication: from the bearer token of a request to the actor that is sent with every call to the services."""

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from shop.contracts.actors import ANONYMOUS, Actor
from shop.contracts.errors import Unauthenticated
from shop.service.identity import ACTOR

CACHED_SECONDS = 2.0
CACHED_IDENTITIES = 10_000
BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]{1,512}=*)", re.IGNORECASE | re.ASCII)

VISITOR = Actor(ANONYMOUS, ANONYMOUS)


@dataclass(frozen=True)
class Identity:
    """The owner of a session, its expiry (ISO 8601) and the delivery address, as customer_svc returns them."""

    actor: Actor
    expires_at: str
    address: dict[str, Any] | None = None


def bearer_token(authorization: str | None) -> str:
    """The token of an Authorization header; "" without one. Raises: Unauthenticated, if it holds anything else."""
    if authorization is None:
        return ""
    bearer = BEARER.fullmatch(authorization.strip())
    if not bearer:
        raise Unauthenticated
    return bearer[1]


@dataclass
class IdentityCache:
    """Cache of identities, by hash of the token: no tokens in memory."""

    clock: Callable[[], float] = time.monotonic
    seconds: float = CACHED_SECONDS
    most: int = CACHED_IDENTITIES
    _entries: OrderedDict[bytes, tuple[Identity, float]] = field(default_factory=OrderedDict)
    _forgotten: int = 0

    @property
    def generation(self) -> int:
        """Changes with every `forget`. A result requested before a change must not be cached after it."""
        return self._forgotten

    def get(self, token: str) -> Identity | None:
        identity, until = self._entries.get(_digest(token), (None, 0.0))
        return identity if self.clock() < until else None

    def keep(self, token: str, identity: Identity, generation: int) -> None:
        if generation != self._forgotten:
            return
        digest = _digest(token)
        self._entries[digest] = (identity, self.clock() + self.seconds)
        self._entries.move_to_end(digest)
        if len(self._entries) > self.most:
            self._entries.popitem(last=False)

    def forget(self, username: str) -> None:
        """Forget all sessions of a user."""
        self._forgotten += 1
        gone = [digest for digest, (identity, _) in self._entries.items() if identity.actor.is_user(username)]
        for digest in gone:
            del self._entries[digest]


class Callers(DependencyProvider):
    """Dependency provider of `RequestCaller`. The service must have `customers = Rpc("customers")`."""

    def setup(self) -> None:
        self.cache = IdentityCache()

    def get_dependency(self, worker_ctx: WorkerContext) -> "RequestCaller":
        return RequestCaller(worker_ctx, self.cache)


class RequestCaller:
    """The sender of a request."""

    def __init__(self, worker_ctx: WorkerContext, cache: IdentityCache) -> None:
        self._worker_ctx = worker_ctx
        self._cache = cache

    def identify(self, token: str, *, fresh: bool) -> Identity:
        """The identity of the sender, which becomes the actor of every call of this worker.

        Args:
            fresh: bypass the cache: the session may have ended since.

        Raises:
            Unauthenticated: the token has no session.
        """
        identity = self._identity(token, fresh=fresh) if token else Identity(VISITOR, "")
        self._worker_ctx.data[ACTOR] = identity.actor.dump()
        return identity

    def forget(self, username: str) -> None:
        """Drop cached sessions of the user, after some have ended."""
        self._cache.forget(username)

    def _identity(self, token: str, *, fresh: bool) -> Identity:
        known = None if fresh else self._cache.get(token)
        if known:
            return known
        generation = self._cache.generation
        found = self._worker_ctx.service.customers.identify(token)
        identity = Identity(Actor(found["username"], found["role"]), found["expires_at"], found["address"])
        self._cache.keep(token, identity, generation)
        return identity


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
