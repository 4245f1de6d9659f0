"""A network that ends at this machine."""

import ctypes
import os

from deploy.proof.commands import run

NEW_NETWORK = 0x40000000
"""CLONE_NEWNET of unshare(2)."""


def leave_the_network() -> None:
    """From here on, this process and all that it starts have a network of their own, with nobody else in it.

    The engine's bridges and rules are in there, too, and are gone when the last process is. Raises: OSError.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_NETWORK):
        raise OSError(ctypes.get_errno(), f"no network of our own: {os.strerror(ctypes.get_errno())}")
    run("ip", "link", "set", "lo", "up")
