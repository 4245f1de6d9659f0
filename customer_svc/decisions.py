"""What each command reads before its rules decide, and the commit that comes of it."""

from uuid import UUID

from customer_svc.domain import CUSTOMER, Edit, RegisterCustomer, ReleaseCredit, ReserveCredit, decide
from shop.contracts.commits import Commit, RecordedEvent
from shop.contracts.errors import InvalidRequest, UnknownCustomer
from shop.contracts.events import CreditReserved, OrderCancelled, OrderPlaced, OrderRejected, PasswordSet
from shop.event_sourcing.decision_context import Work


def register(command: RegisterCustomer, password: PasswordSet, work: Work) -> Commit | None:
    """A customer and their first password come together, or not at all."""
    customer = work.load(CUSTOMER, command.username)
    work.version(password.stream)
    return work.commit([*decide(customer, command), password], once=work.command_id)


def edit(command: Edit, work: Work) -> Commit | None:
    customer = work.load(CUSTOMER, command.username)
    return work.commit(decide(customer, command), once=work.command_id)


def change_password(password: PasswordSet, work: Work, *, seen: int | None) -> Commit | None:
    """Args:
        seen: the version of the credential that the current password was right for; None where it was wrong.

    Raises: InvalidRequest, also where the password is another one by now.
    """
    if seen is None or work.version(password.stream) != seen:
        raise InvalidRequest({"current_password": ["This is not your password."]})
    return work.commit([password], once=work.command_id)


def reset_password(password: PasswordSet, work: Work) -> Commit | None:
    """Raises: UnknownCustomer."""
    if work.load(CUSTOMER, password.username) is None:
        raise UnknownCustomer(password.username)
    work.version(password.stream)
    return work.commit([password], once=work.command_id)


def reserve_credit(placed: OrderPlaced, work: Work) -> Commit | None:
    """One answer per order: `credit:<order id>`."""
    customer = work.load(CUSTOMER, placed.customer)
    command = ReserveCredit(username=placed.customer, order_id=placed.order_id, amount=placed.total)
    return work.commit(decide(customer, command), once=f"credit:{placed.order_id}")


def release_credit(ended: OrderRejected | OrderCancelled, work: Work) -> Commit | None:
    """What the order took goes back once: `credit-release:<order id>`."""
    taken = _taken_for(ended.order_id, work)
    if taken is None:
        return None
    customer = work.load(CUSTOMER, ended.customer)
    command = ReleaseCredit(username=ended.customer, order_id=ended.order_id, amount=taken.amount)
    return work.commit(decide(customer, command), once=f"credit-release:{ended.order_id}")


def _taken_for(order_id: UUID, work: Work) -> CreditReserved | None:
    """What the order has got as its one answer; None where that was a refusal, or there is none."""
    commit = work.find(f"credit:{order_id}")
    for event in commit.events if commit else ():
        answer = event.event if isinstance(event, RecordedEvent) else event
        if isinstance(answer, CreditReserved):
            return answer
    return None
