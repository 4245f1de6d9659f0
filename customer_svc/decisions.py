"""The states that each command reads, and its commit by the rules."""

from customer_svc.domain import CUSTOMER, Edit, RegisterCustomer, decide
from shop.contracts.commits import Commit
from shop.contracts.decisions import DecisionContext
from shop.contracts.errors import InvalidRequest, UnknownCustomer
from shop.contracts.events import PasswordSet


def register(command: RegisterCustomer, password: PasswordSet, context: DecisionContext) -> Commit | None:
    """Registers a customer and the first password in one commit."""
    customer = context.load(CUSTOMER, command.username)
    context.version(password.stream)
    return context.commit([*decide(customer, command), password], once=context.command_id)


def edit(command: Edit, context: DecisionContext) -> Commit | None:
    customer = context.load(CUSTOMER, command.username)
    return context.commit(decide(customer, command), once=context.command_id)


def change_password(password: PasswordSet, context: DecisionContext, *, seen: int | None) -> Commit | None:
    """Set a new password.

    Args:
        seen: the version of the credential that the current password matched; None for a wrong one.

    Raises: InvalidRequest, also if the password has changed meanwhile.
    """
    if seen is None or context.version(password.stream) != seen:
        raise InvalidRequest({"current_password": ["Current password is incorrect."]})
    return context.commit([password], once=context.command_id)


def reset_password(password: PasswordSet, context: DecisionContext) -> Commit | None:
    """Raises: UnknownCustomer."""
    if context.load(CUSTOMER, password.username) is None:
        raise UnknownCustomer(password.username)
    context.version(password.stream)
    return context.commit([password], once=context.command_id)
