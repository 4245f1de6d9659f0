"""`shop managers` and `shop passwords`: add a manager, reset a lost password."""

import secrets
import sys

import click

from shop_cli.refusal import reported
from shop_cli.running import RunningShop, running_option

password_option = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@click.group()
def managers() -> None:
    """Manage manager accounts."""


@managers.command("add")
@click.argument("username")
@click.option("--full-name", help="Full name.")
@click.option("--email", help="Email address.")
@password_option
@running_option
@reported
def add_manager(
    running: RunningShop, username: str, full_name: str | None, email: str | None, *, password_stdin: bool
) -> None:
    """Create manager account USERNAME.

    Prompts for a password unless --password-stdin is given; leave it empty to generate one.
    """
    with running.client() as client:
        password, made_up = _password(from_stdin=password_stdin)
        client.call("customers", "add_manager", username, password, full_name=full_name, email=email)
    click.echo(f"Manager account {username} created.")
    _show(password if made_up else None)


@click.group()
def passwords() -> None:
    """Reset passwords."""


@passwords.command("reset")
@click.argument("username")
@password_option
@running_option
@reported
def reset_password(running: RunningShop, username: str, *, password_stdin: bool) -> None:
    """Set a new password for USERNAME and end all sessions."""
    with running.client() as client:
        password, made_up = _password(from_stdin=password_stdin)
        client.call("customers", "reset_password", username, password)
    click.echo(f"Password of {username} changed; all sessions ended.")
    _show(password if made_up else None)


def _password(*, from_stdin: bool) -> tuple[str, bool]:
    """The password, and whether it was generated here."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    typed = ""
    if sys.stdin.isatty():
        typed = click.prompt(
            "Password (leave empty to generate one)",
            default="",
            show_default=False,
            hide_input=True,
            confirmation_prompt=True,
        )
    return (typed, False) if typed else (secrets.token_urlsafe(12), True)


def _show(password: str | None) -> None:
    if password:
        click.echo(f"Password: {password}")
