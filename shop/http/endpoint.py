"""Network addresses of servers."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Self

HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,252}[A-Za-z0-9_.])?", re.ASCII)
PORT = re.compile(r"[0-9]{1,5}", re.ASCII)


@dataclass(frozen=True)
class Endpoint:
    """A server's address."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `host:port`, `[::1]:8000` for IPv6.

        Raises:
            ValueError: not of that form, or the port is not 1 to 65535.
        """
        host, _, port = text.rpartition(":")
        bracketed = host.startswith("[") and host.endswith("]")
        bare = host[1:-1] if bracketed else host
        is_host = _is_ip_6(bare) if bracketed else HOST.fullmatch(bare)
        if not is_host or not PORT.fullmatch(port) or not 1 <= int(port) <= 65_535:
            raise ValueError(f"{text!r} is not host:port")
        return cls(bare, int(port))


def _is_ip_6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
