"""Which proxies are believed in what they say about where a request comes from."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Self

LOOPBACK = "127.0.0.0/8 ::1/128"
"""Those on the same machine."""


@dataclass(frozen=True)
class Proxies:
    """Proxies, by the networks that they are in."""

    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """From networks with blanks between them, such as LOOPBACK. Raises: ValueError, where one is not a network."""
        return cls(tuple(ip_network(part) for part in text.split()))

    def client_of(self, peer: str, forwarded_for: str) -> str:
        """The address of whoever asks.

        Args:
            peer: that of whoever has connected.
            forwarded_for: what X-Forwarded-For says. Of several addresses the last counts, which the peer has added.
        """
        named = forwarded_for.rpartition(",")[2].strip()
        return named if _is_address(named) and self._know(peer) else peer

    def _know(self, peer: str) -> bool:
        return _is_address(peer) and any(ip_address(peer) in network for network in self.networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
