"""The part of CouchDB's HTTP API that read models need. Calls yield to other greenlets."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError, ProtocolError
from urllib3.util import make_headers

from shop.contracts import deadlines
from shop.read_models.couchdb.address import CouchAddress

SECONDS_TO_CONNECT = 2.0
SECONDS_TO_ANSWER = deadlines.DATABASE
"""Shorter than the callers' timeout."""

Json = Any
Unavailable = Callable[[object], Exception]


class Missing(Exception):
    """The database or document does not exist."""


class RevisionConflict(Exception):
    """A document has another revision than the one read, or a database exists already."""


class Refused(Exception):
    """The server refuses the request."""


REFUSALS: Mapping[int, type[Exception]] = {400: Refused, 404: Missing, 409: RevisionConflict, 412: RevisionConflict}


class Server:
    """One CouchDB.

    Args:
        connections: size of the connection pool; further calls wait for a free one.
        unavailable: creates the exception for a wrong or missing answer.
    """

    def __init__(self, address: CouchAddress, connections: int, unavailable: Unavailable) -> None:
        self.unavailable = unavailable
        pool = HTTPSConnectionPool if address.encrypted else HTTPConnectionPool
        self._pool = pool(
            address.host,
            address.port,
            maxsize=connections,
            block=True,
            # Writes are retried by the runner for ever, and by clients on a 503.
            retries=False,
            headers=_headers(address),
        )

    def call(
        self, method: str, *path: str, body: Json = None, safe: bool = False, seconds: float = 0, **query: Json
    ) -> Json:
        """The answer's JSON. The values of a query are JSON, too.

        Args:
            safe: the request changes nothing, as every GET, and may be retried.
            seconds: timeout, if longer than the default.

        Raises:
            Missing, Conflict, Refused, and the exception that `unavailable` creates.
        """
        send = partial(
            self._pool.urlopen,
            method,
            _target(path, query),
            body=None if body is None else orjson.dumps(body),
            redirect=False,
            timeout=Timeout(connect=SECONDS_TO_CONNECT, read=max(seconds, SECONDS_TO_ANSWER)),
            pool_timeout=int(SECONDS_TO_ANSWER),
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
    """Retry when the server closed a kept connection just as the request was sent."""
    try:
        return send()
    except ProtocolError:
        return send()


def _headers(address: CouchAddress) -> dict[str, str]:
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if address.user:
        headers |= make_headers(basic_auth=f"{address.user}:{address.password}")
    return headers


def _target(path: tuple[str, ...], query: Mapping[str, Json]) -> str:
    where = "".join(f"/{quote(part, safe='')}" for part in path)
    asked = urlencode({name: orjson.dumps(value) for name, value in query.items()})
    return f"{where}?{asked}" if asked else where
