"""Trusted proxies: those whose X-Forwarded-For is believed."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Self

LOOPBACK = "127.0.0.0/8 ::1/128"
"""Proxies on the same machine."""


@dataclass(frozen=True)
class Proxies:
    """Trusted proxies, by network."""

    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse networks separated by spaces, such as LOOPBACK. Raises: ValueError, if one is not a network."""
        return cls(tuple(ip_network(part) for part in text.split()))

    def client_of(self, peer: str, forwarded_for: str) -> str:
        """The client's address.

        Args:
            peer: address of the connection's other end.
            forwarded_for: the header X-Forwarded-For. Its last address counts, which the peer has added.
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
