"""Console output of `shop run`."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

import click

from shop.http.endpoint import Endpoint
from shop.service.settings import Settings
from shop_cli.folder import DataFolder


@dataclass(frozen=True)
class Account:
    """A user account to show; `password` may also say where to find the password."""

    username: str
    password: str
    note: str


def show_start(folder: DataFolder) -> None:
    """Print the first line, before the second or two of the start."""
    click.echo(f"Starting the shop, with its data in {folder} …")


def show_ready(settings: Settings, accounts: Sequence[Account], seconds: float, refusal: str | None = None) -> None:
    """Print the accounts and the addresses. The last line says that the shop is ready.

    Args:
        refusal: why the shop is read-only.
    """
    show_accounts(settings, accounts)
    click.echo(f"Storefront: {settings.storefront.url}")
    click.echo(f"Back office: {settings.backoffice.url}")
    click.echo(ready_line(settings, seconds, refusal))


def show_accounts(settings: Settings, accounts: Sequence[Account]) -> None:
    """Print the accounts that can log in."""
    for line in _account_lines(accounts):
        click.echo(line)
    if accounts and not _is_local(settings.gateway):
        click.echo(
            "Warning: the demo passwords are public and this address is reachable from other machines. Use --no-demo.\n"
        )


def ready_line(settings: Settings, seconds: float, refusal: str | None = None) -> str:
    """The line that says that the shop is ready, and its address."""
    url = settings.gateway.url
    ready = f"Open after {seconds:.1f} s, but not ready: {refusal}" if refusal else f"Ready in {seconds:.1f} s."
    return f"{ready} Shop API: {url} (docs: {url}/docs). Stop with Ctrl-C."


def _account_lines(accounts: Sequence[Account]) -> Sequence[str]:
    if not accounts:
        return ()
    table = [(account.username, account.password, account.note) for account in accounts]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    rows = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
    return ("", "Accounts (username, password):", *(f"  {row}".rstrip() for row in rows), "")


def _is_local(endpoint: Endpoint) -> bool:
    try:
        return ip_address(endpoint.host).is_loopback
    except ValueError:
        return endpoint.host == "localhost"
