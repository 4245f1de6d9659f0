"""Session tokens: opaque and random, stored as hashes."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from shop.contracts.codec import dump_time

TOKEN_BYTES = 32


@dataclass(frozen=True)
class Token:
    """A bearer token. `digest` is stored; it cannot be used to log in."""

    text: str
    expires_at: str

    @classmethod
    def new(cls, now: datetime, hours: int) -> Self:
        """A random token, valid for so many hours."""
        return cls(secrets.token_urlsafe(TOKEN_BYTES), dump_time(now + timedelta(hours=hours)))

    @property
    def digest(self) -> str:
        return digest_of(self.text)


def digest_of(token: str) -> str:
    """A plain SHA-256 suffices: a token has 256 random bits, too many to guess from its hash."""
    return hashlib.sha256(str(token).encode(errors="replace")).hexdigest()
