"""Addresses at which servers listen."""

import re
from dataclasses import dataclass
from typing import Self

PORT = re.compile(r"[0-9]{1,5}", re.ASCII)


@dataclass(frozen=True)
class Endpoint:
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `host:port`, `[::1]:8000` for IPv6.

        Raises:
            ValueError: not of that form, or the port is not 1 to 65535.
        """
        host, _, port = text.rpartition(":")
        bracketed = host.startswith("[") and host.endswith("]")
        bare = host[1:-1] if bracketed else host
        if not bare or (":" in bare and not bracketed) or not PORT.fullmatch(port) or not 1 <= int(port) <= 65_535:
            raise ValueError(f"{text!r} is not host:port")
        return cls(bare, int(port))
