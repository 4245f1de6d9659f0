"""Password hashing with argon2id, in threads of its own that do not block other greenlets."""

import hashlib
import secrets

import eventlet
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.low_level import hash_secret_raw
from eventlet import tpool
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

PASSES, KIBIBYTES, LANES = 2, 19_456, 1
"""Minimum parameters of OWASP's Password Storage Cheat Sheet for argon2id: about 20 ms and 19 MiB."""
AT_ONCE = 2
"""Concurrent hashes of one process: more would only wait for a processor, and hold memory."""


class Passwords:
    """Creates and checks password hashes."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(PASSES, KIBIBYTES, LANES, type=Type.ID)
        self._turns = eventlet.semaphore.Semaphore(AT_ONCE)
        self._nobodys = self._hasher.hash(secrets.token_hex())

    def hash(self, password: str) -> str:
        """The password's argon2id hash, with a salt of its own."""
        with self._turns:
            return str(tpool.execute(self._hasher.hash, password))

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password matches. Always False without a hash, but in the same time."""
        with self._turns:
            fits = bool(tpool.execute(self._verify, password_hash or self._nobodys, password))
        return fits and password_hash is not None

    def fingerprint(self, password: str, of: str) -> str:
        """A deterministic hash of the password within a request, as hard to attack as a stored hash.

        Args:
            of: identifies the request; the salt is derived from it, and so need not be stored.
        """
        salt = hashlib.sha256(of.encode()).digest()[:16]
        with self._turns:
            raw: bytes = tpool.execute(hash_secret_raw, password.encode(), salt, PASSES, KIBIBYTES, LANES, 32, Type.ID)
        return raw.hex()

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


class Hashing(DependencyProvider):
    """Dependency provider of `Passwords`."""

    def setup(self) -> None:
        # Each thread that has ever hashed keeps its 19 MiB allocated.
        tpool.set_num_threads(AT_ONCE)
        self.passwords = Passwords()

    def get_dependency(self, worker_ctx: WorkerContext) -> Passwords:
        del worker_ctx
        return self.passwords
