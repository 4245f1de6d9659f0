"""What each command reads before its rules decide, and the commit that comes of it."""

from customer_svc.domain import CUSTOMER, Edit, RegisterCustomer, decide
from shop.contracts.commits import Commit
from shop.contracts.decisions import DecisionContext
from shop.contracts.errors import InvalidRequest, UnknownCustomer
from shop.contracts.events import PasswordSet


def register(command: RegisterCustomer, password: PasswordSet, context: DecisionContext) -> Commit | None:
    """A customer and their first password come together, or not at all."""
    customer = context.load(CUSTOMER, command.username)
    context.version(password.stream)
    return context.commit([*decide(customer, command), password], once=context.command_id)


def edit(command: Edit, context: DecisionContext) -> Commit | None:
    customer = context.load(CUSTOMER, command.username)
    return context.commit(decide(customer, command), once=context.command_id)


def change_password(password: PasswordSet, context: DecisionContext, *, seen: int | None) -> Commit | None:
    """Args:
        seen: the version of the credential that the current password was right for; None where it was wrong.

    Raises: InvalidRequest, also where the password is another one by now.
    """
    if seen is None or context.version(password.stream) != seen:
        raise InvalidRequest({"current_password": ["This is not your password."]})
    return context.commit([password], once=context.command_id)


def reset_password(password: PasswordSet, context: DecisionContext) -> Commit | None:
    """Raises: UnknownCustomer."""
    if context.load(CUSTOMER, password.username) is None:
        raise UnknownCustomer(password.username)
    context.version(password.stream)
    return context.commit([password], once=context.command_id)
