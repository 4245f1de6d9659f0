"""Ports that are free at the moment."""

import socket


def free_ports(number: int) -> list[int]:
    """Distinct free ports on the loopback interface."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
