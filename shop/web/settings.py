"""Settings of a website: from `shop run`, or from the environment of its own process."""

import logging
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from shop.http.client import GatewayClient
from shop.http.endpoint import Endpoint
from shop.http.proxies import LOOPBACK, Proxies

GATEWAY_ADDRESS = "127.0.0.1:8000"
KEY_FILE = "web.key"
SHORTEST_KEY = 32
SHOWN = 60
"""Characters of a wrong value in messages."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SiteSettings:
    """The gateway's address, and the key that signs cookies.

    Args:
        gateway_url: such as http://127.0.0.1:8000.
        secret_key: all processes of a site need the same.
        proxies: trusted proxies.
    """

    gateway_url: str
    secret_key: str = field(repr=False)
    proxies: Proxies = Proxies.parse(LOOPBACK)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read `GATEWAY_ADDRESS`, as host:port or URL, `TRUSTED_PROXIES`, and `WEB_SECRET_KEY`.

        By default, a key is stored in `SHOP_DATA` (./var).

        Raises:
            ValueError: one of them is not valid; the message names it.
        """
        given = environ.get("GATEWAY_ADDRESS") or GATEWAY_ADDRESS
        url = given if "://" in given else f"http://{given}"
        try:
            if url != given:
                Endpoint.parse(given)
            GatewayClient(url).close()
        except ValueError as error:
            raise ValueError(f"GATEWAY_ADDRESS must be host:port or a URL, not {given[:SHOWN]!r}.") from error
        key = environ.get("WEB_SECRET_KEY") or kept_key(Path(environ.get("SHOP_DATA") or "var"))
        if len(key.strip()) < SHORTEST_KEY:
            raise ValueError(f"WEB_SECRET_KEY must have {SHORTEST_KEY} characters at least.")
        return cls(gateway_url=url, secret_key=key, proxies=_proxies(environ.get("TRUSTED_PROXIES") or LOOPBACK))


def kept_key(folder: Path) -> str:
    """The websites' secret key, generated at the first start.

    Raises:
        ValueError: the folder is not writable.
    """
    file, fresh = folder / KEY_FILE, folder / f".{KEY_FILE}.{secrets.token_hex(4)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as key:
                key.write(secrets.token_urlsafe(48))
            _link_unless_there(fresh, file)
        return file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ValueError(f"The websites' key cannot be kept in {folder}: {error.strerror}.") from error


def address_of(text: str, name: str) -> tuple[str, int]:
    """Host and port from `host:port`, `[::1]:8001` for IPv6. Raises: ValueError with `name` in the message."""
    try:
        endpoint = Endpoint.parse(text)
    except ValueError as error:
        raise ValueError(f"{name} must be host:port, such as 127.0.0.1:8001, not {text[:SHOWN]!r}.") from error
    return endpoint.host, endpoint.port


def _proxies(text: str) -> Proxies:
    try:
        return Proxies.parse(text)
    except ValueError as error:
        raise ValueError(f"TRUSTED_PROXIES must be networks, such as {LOOPBACK}, not {text[:SHOWN]!r}.") from error


def _link_unless_there(fresh: Path, file: Path) -> None:
    """Move the complete file into place. An existing one stays: both sites may start together."""
    try:
        file.hardlink_to(fresh)
    except FileExistsError:
        log.debug("the key is there already")
    except OSError:  # not every file system supports links
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
