"""CouchDB's HTTP API, as far as read models need it. Other greenlets run while it is waited for."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError, ProtocolError
from urllib3.util import make_headers

from shop.read_models.couchdb.address import Address

SECONDS_TO_CONNECT = 2.0
SECONDS_TO_ANSWER = 4
"""Less than callers wait for us."""

Json = Any
Unavailable = Callable[[object], Exception]


class Missing(Exception):
    """There is no such database, or no such thing in it."""


class Conflict(Exception):
    """A document is not at the revision that it was read at, or a database is there already."""


class Refused(Exception):
    """It does not do such a thing."""


REFUSALS: Mapping[int, type[Exception]] = {400: Refused, 404: Missing, 409: Conflict, 412: Conflict}


class Server:
    """One CouchDB.

    Args:
        connections: that are kept; who finds all of them in use waits for one.
        unavailable: makes the exception for a server that does not answer as it should.
    """

    def __init__(self, address: Address, connections: int, unavailable: Unavailable) -> None:
        self.unavailable = unavailable
        pool = HTTPSConnectionPool if address.encrypted else HTTPConnectionPool
        self._pool = pool(
            address.host,
            address.port,
            maxsize=connections,
            block=True,
            # Whoever needs a change tries again: the runner for ever, and callers are told to.
            retries=False,
            headers=_headers(address),
        )

    def call(
        self, method: str, *path: str, body: Json = None, safe: bool = False, seconds: float = 0, **query: Json
    ) -> Json:
        """The JSON that it answers with. The values of a query are JSON, too.

        Args:
            safe: changes nothing there, as every GET, so that it can be asked again.
            seconds: that it has for the answer, if these are more than the usual ones.

        Raises:
            Missing, Conflict, Refused, and whatever `unavailable` makes.
        """
        send = partial(
            self._pool.urlopen,
            method,
            _target(path, query),
            body=None if body is None else orjson.dumps(body),
            redirect=False,
            timeout=Timeout(connect=SECONDS_TO_CONNECT, read=max(seconds, SECONDS_TO_ANSWER)),
            pool_timeout=SECONDS_TO_ANSWER,
        )
        try:
            response = _send_again_if_dropped(send) if safe or method == "GET" else send()
            answer = orjson.loads(response.data)
        except HTTPError as error:
            raise self.unavailable(error) from error
        except ValueError as error:
            raise self.unavailable("what answers there is no CouchDB") from error
        self._require_success(response, answer)
        return answer

    def close(self) -> None:
        self._pool.close()

    def _require_success(self, response: BaseHTTPResponse, answer: Json) -> None:
        if response.status < 300:
            return
        reason = answer.get("reason") if isinstance(answer, dict) else None
        if response.status in REFUSALS:
            raise REFUSALS[response.status](reason)
        raise self.unavailable(f"it answers {response.status}, {reason}")


def _send_again_if_dropped(send: Callable[[], BaseHTTPResponse]) -> BaseHTTPResponse:
    """A kept connection may be closed just when something is sent over it, and nobody is to blame."""
    try:
        return send()
    except ProtocolError:
        return send()


def _headers(address: Address) -> dict[str, str]:
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if address.user:
        headers |= make_headers(basic_auth=f"{address.user}:{address.password}")
    return headers


def _target(path: tuple[str, ...], query: Mapping[str, Json]) -> str:
    where = "".join(f"/{quote(part, safe='')}" for part in path)
    asked = urlencode({name: orjson.dumps(value) for name, value in query.items()})
    return f"{where}?{asked}" if asked else where
