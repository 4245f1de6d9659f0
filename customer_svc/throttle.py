"""Rate limit of failed logins. Each process has its own counters, in memory."""

import hashlib
import ipaddress
import secrets
import time
from math import ceil

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from shop.contracts.errors import TooManyTries
from shop.service.settings import Settings

MINUTES = 15
TIMES_FOR_A_CLIENT = 10
"""Several users may share one address."""
BUCKETS = 4_096
"""Number of counters shared by unknown usernames and addresses, which attackers could otherwise multiply to fill the
memory.
"""


class Throttle:
    """Counts failed logins, by user and by client, over the last 15 minutes.

    Args:
        tries: failures after which a user must wait; a client has ten times as many.
    """

    def __init__(self, tries: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._of_user = RateLimitItemPerMinute(tries, MINUTES, namespace="user")
        self._of_client = RateLimitItemPerMinute(tries * TIMES_FOR_A_CLIENT, MINUTES, namespace="client")
        self._secret = secrets.token_bytes(16)

    def require_tries(self, username: str, *, exists: bool, client: str | None) -> None:
        """Raises: TooManyTries, after too many failures, even for a right password."""
        for limit, key in self._counters(username, exists=exists, client=client):
            if not self._limiter.test(limit, key):
                free_at = self._limiter.get_window_stats(limit, key).reset_time
                raise TooManyTries(max(1, ceil(free_at - time.time())))

    def failed(self, username: str, *, exists: bool, client: str | None) -> None:
        """Count a failure."""
        for limit, key in self._counters(username, exists=exists, client=client):
            self._limiter.hit(limit, key)

    def succeeded(self, username: str) -> None:
        """Forget the user's failures."""
        self._limiter.clear(self._of_user, username.casefold())

    def _counters(self, username: str, *, exists: bool, client: str | None) -> list[tuple[RateLimitItem, str]]:
        user = username.casefold()
        counters: list[tuple[RateLimitItem, str]] = [(self._of_user, user if exists else self._bucket(user))]
        if client is not None:
            counters.append((self._of_client, self._bucket(network_of(client))))
        return counters

    def _bucket(self, text: str) -> str:
        """One of a fixed number of counters, chosen by a secret hash: an attacker cannot target one."""
        digest = hashlib.blake2b(text.encode(errors="replace"), key=self._secret, digest_size=8).digest()
        return f"?{int.from_bytes(digest) % BUCKETS}"


def network_of(client: str) -> str:
    """The client's network: an IPv6 address stands for its /64, which belongs to one client as a whole."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)


class LogInThrottle(DependencyProvider):
    """Dependency provider of the `Throttle`."""

    def setup(self) -> None:
        self.throttle = Throttle(Settings.of(self.container.config).log_in_tries)

    def get_dependency(self, worker_ctx: WorkerContext) -> Throttle:
        del worker_ctx
        return self.throttle
