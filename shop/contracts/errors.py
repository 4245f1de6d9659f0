"""Errors that callers can act on. Each arrives at an RPC caller as the class that was raised.

A class's docstring is its default message. Arguments are texts, numbers or dicts of texts; Nameko carries numbers
as text over the bus, so classes with numbers turn them back.
"""

from typing import ClassVar


class ShopError(Exception):
    """Something went wrong in the shop."""

    status: ClassVar[int] = 500
    """The gateway's HTTP status for this error."""

    def __init__(self, *values: object) -> None:
        super().__init__(*values)

    def __str__(self) -> str:
        first_line = (type(self).__doc__ or "").strip().split("\n")[0]
        return first_line if not self.args else f"{first_line.rstrip('.')}: {', '.join(map(str, self.args))}."


class ServiceUnavailable(ShopError):
    """A service does not answer at the moment."""

    status = 503


class NotReady(ServiceUnavailable):
    """A service is still building its read model."""


class LogBeingRestored(ServiceUnavailable):
    """The log is being restored from a backup, and records nothing else meanwhile."""


class ClockRefused(ServiceUnavailable):
    """Nothing can be recorded."""


# Requests that cannot be carried out as they are


class InvalidRequest(ShopError):
    """The request has values that are not valid.

    Args:
        errors: messages by field, `{"field": ["message"]}`.
    """

    status = 422

    def __init__(self, errors: dict[str, list[str]] | None = None) -> None:
        self.errors = errors or {}
        super().__init__(self.errors)

    def __str__(self) -> str:
        fields = "; ".join(f"{field}: {' '.join(messages)}" for field, messages in self.errors.items())
        return f"The request has values that are not valid: {fields}"


class Unauthenticated(ShopError):
    """Log in first: there is no valid session."""

    status = 401


class LogInFailed(ShopError):
    """The username or the password is wrong."""

    status = 401


class TooManyTries(ShopError):
    """Too many failed tries to log in. Seconds to wait"""

    status = 429

    def __init__(self, retry_after: int = 60) -> None:
        self.retry_after = int(retry_after)
        super().__init__(self.retry_after)


class Forbidden(ShopError):
    """Your role does not allow this."""

    status = 403


class NotFound(ShopError):
    """There is no such thing."""

    status = 404


class UnknownCustomer(NotFound):
    """There is no such customer."""


class UnknownCategory(NotFound):
    """There is no such category."""


class UnknownProduct(NotFound):
    """There is no such product."""


class UnknownOrder(NotFound):
    """There is no such order."""


class UnknownInvoice(NotFound):
    """There is no such invoice."""


class UnknownDeadLetter(NotFound):
    """There is no such dead letter."""


class UnknownStream(NotFound):
    """There is no such stream."""


class Conflict(ShopError):
    """The state of the thing does not allow this."""

    status = 409


class UsernameTaken(Conflict):
    """This username is taken."""


class CategoryInUse(Conflict):
    """The category still has products."""


class StockBelowZero(Conflict):
    """The stock would go below zero."""


class CreditBelowZero(Conflict):
    """The credit would go below zero."""


class CreditMoved(Conflict):
    """The credit is another one by now."""


class TotalMoved(Conflict):
    """The total is another one by now."""


class OrderNotCancellable(Conflict):
    """The order cannot be cancelled any more."""


class OrderNotShippable(Conflict):
    """Only an approved order can be shipped."""


class LogNotEmpty(Conflict):
    """The log is not empty: a backup can only be restored into a new one."""


class EditConflict(ShopError):
    """Somebody else has changed it since you read it."""

    status = 412


class CommandReused(ShopError):
    """This Idempotency-Key was already used for another request."""

    status = 422


# The log


class WrongExpectedVersion(ShopError):
    """A stream has moved on since the decision was made.

    Args:
        stream, expected, actual: the first stream whose version differs.
    """

    status = 409

    def __init__(self, stream: str = "", expected: int = 0, actual: int = 0) -> None:
        self.stream, self.expected, self.actual = stream, int(expected), int(actual)
        super().__init__(stream, self.expected, self.actual)


class CommitTooLarge(ShopError):
    """A commit is larger than 256 KiB. Bytes"""

    status = 413


class InvalidCommit(ShopError):
    """A commit is not well formed."""

    status = 422


class CheckpointMoved(ShopError):
    """The checkpoint is not where the caller believed it to be.

    Args:
        name, expected, actual: positions; the caller is not the only one that works on this subscription.
    """

    status = 409

    def __init__(self, name: str = "", expected: int = 0, actual: int = 0) -> None:
        self.name, self.expected, self.actual = name, int(expected), int(actual)
        super().__init__(name, self.expected, self.actual)
