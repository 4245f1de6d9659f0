"""Log-ins that last: opaque tokens, of which only a hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from shop.contracts.codec import dump_time

TOKEN_BYTES = 32


@dataclass(frozen=True)
class Token:
    """What a user shows to be recognized. `digest` is what is kept: it opens nothing."""

    text: str
    expires_at: str

    @classmethod
    def new(cls, now: datetime, hours: int) -> Self:
        """One that nobody can guess, good for so many hours."""
        return cls(secrets.token_urlsafe(TOKEN_BYTES), dump_time(now + timedelta(hours=hours)))

    @property
    def digest(self) -> str:
        return digest_of(self.text)


def digest_of(token: str) -> str:
    """A plain SHA-256 does: a token has 256 random bits, so there is nothing to guess from its hash."""
    return hashlib.sha256(str(token).encode(errors="replace")).hexdigest()
