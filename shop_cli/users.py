"""`shop managers` and `shop passwords`: add a manager, reset a lost password."""

import secrets
import sys

import click

from shop_cli.refusal import reported
from shop_cli.running import RunningShop, running_option

password_option = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@click.group()
def managers() -> None:
    """Who may manage the shop."""


@managers.command("add")
@click.argument("username")
@click.option("--full-name", help="As the back office shows it.")
@click.option("--email", help="Where to reach them.")
@password_option
@running_option
@reported
def add_manager(
    running: RunningShop, username: str, full_name: str | None, email: str | None, *, password_stdin: bool
) -> None:
    """Make a new user USERNAME who manages the shop.

    Without --password-stdin the password is asked for; leave it empty to have one made up.
    """
    with running.client() as client:
        password, made_up = _password(from_stdin=password_stdin)
        client.call("customers", "add_manager", username, password, full_name=full_name, email=email)
    click.echo(f"{username} manages the shop now.")
    _show(password if made_up else None)


@click.group()
def passwords() -> None:
    """What to do when a password is lost."""


@passwords.command("reset")
@click.argument("username")
@password_option
@running_option
@reported
def reset_password(running: RunningShop, username: str, *, password_stdin: bool) -> None:
    """Give USERNAME another password, and end all their sessions."""
    with running.client() as client:
        password, made_up = _password(from_stdin=password_stdin)
        client.call("customers", "reset_password", username, password)
    click.echo(f"{username} has a new password.")
    _show(password if made_up else None)


def _password(*, from_stdin: bool) -> tuple[str, bool]:
    """The password, and whether it was generated here."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    typed = ""
    if sys.stdin.isatty():
        typed = click.prompt(
            "Password (empty: make one up)", default="", show_default=False, hide_input=True, confirmation_prompt=True
        )
    return (typed, False) if typed else (secrets.token_urlsafe(12), True)


def _show(password: str | None) -> None:
    if password:
        click.echo(f"Password: {password}")
