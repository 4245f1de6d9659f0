"""Errors that end a command with a message instead of a traceback."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from shop.contracts.errors import InvalidRequest, ShopError

P = ParamSpec("P")
R = TypeVar("R")


class Refusal(click.ClickException):
    """The command cannot run; its message states the cause and the remedy. Exit code 2."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        del file
        click.echo(self.format_message(), err=True)


class Failure(Refusal):
    """The shop refused the request or failed. Exit code 1."""

    exit_code = 1


def reported(command: Callable[P, R]) -> Callable[P, R]:
    """Decorator: turn errors of services into messages."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except InvalidRequest as error:
            problems = (f"{field}: {' '.join(messages)}" for field, messages in error.errors.items())
            raise Failure("\n".join(problems)) from error
        except ShopError as error:
            raise Failure(str(error)) from error

    return run
