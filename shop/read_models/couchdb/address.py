"""Address and credentials of a CouchDB."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote, urlsplit

PREFIX = re.compile(r"/([a-z][a-z0-9_-]{0,60})/?", re.ASCII)
PORTS = {"couchdb": 5984, "couchdb+https": 6984}


@dataclass(frozen=True)
class CouchAddress:
    """A server, a user and the prefix of our databases' names."""

    host: str
    port: int
    encrypted: bool
    user: str
    password: str
    prefix: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Parse `couchdb://user:password@host:port/prefix`, or `couchdb+https://…`.

        Raises:
            ValueError: with the reason, without the password.
        """
        parts = urlsplit(url)
        prefix = PREFIX.fullmatch(parts.path)
        if parts.scheme not in PORTS:
            raise ValueError(f"it begins with {' or '.join(f'{scheme}://' for scheme in PORTS)}")
        if not parts.hostname or not prefix:
            raise ValueError("it looks like couchdb://user:password@host:5984/accounting")
        return cls(
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            encrypted=parts.scheme == "couchdb+https",
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            prefix=prefix[1],
        )
