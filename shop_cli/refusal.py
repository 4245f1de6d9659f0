"""Ending a command with a sentence instead of a traceback."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from shop.contracts.errors import InvalidRequest, ShopError

P = ParamSpec("P")
R = TypeVar("R")


class Refusal(click.ClickException):
    """The command cannot do what it was asked for; its message says why, and what to do. Exit code 2."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        del file
        click.echo(self.format_message(), err=True)


class Failure(Refusal):
    """The shop was asked, and said no, or failed. Exit code 1."""

    exit_code = 1


def reported(command: Callable[P, R]) -> Callable[P, R]:
    """Have what a service refuses told as a sentence."""

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
