"""Errors that callers can act on. Each arrives at an RPC caller as the class that was raised.

A class's docstring is its default message. Arguments are texts, numbers or dicts of texts; Nameko carries numbers
as text over the bus, so classes with numbers turn them back.
"""

from typing import ClassVar


class ShopError(Exception):
    """An error occurred in the shop."""

    status: ClassVar[int] = 500
    """The gateway's HTTP status for this error."""

    def __init__(self, *values: object) -> None:
        super().__init__(*values)

    def __str__(self) -> str:
        first_line = (type(self).__doc__ or "").strip().split("\n")[0]
        return first_line if not self.args else f"{first_line.rstrip('.')}: {', '.join(map(str, self.args))}."


class ServiceUnavailable(ShopError):
    """A required service is unavailable."""

    status = 503


class NotReady(ServiceUnavailable):
    """A service is still building its read model."""


class LogBeingRestored(ServiceUnavailable):
    """The event log is being restored from a backup and accepts no other writes."""


class ClockRefused(ServiceUnavailable):
    """The event log accepts no writes."""


# Requests that cannot be carried out as they are


class InvalidRequest(ShopError):
    """The request contains invalid values.

    Args:
        errors: messages by field, `{"field": ["message"]}`.
    """

    status = 422

    def __init__(self, errors: dict[str, list[str]] | None = None) -> None:
        self.errors = errors or {}
        super().__init__(self.errors)

    def __str__(self) -> str:
        fields = "; ".join(f"{field}: {' '.join(messages)}" for field, messages in self.errors.items())
        return f"The request contains invalid values: {fields}"


class Unauthenticated(ShopError):
    """Authentication required. Log in and send a valid bearer token."""

    status = 401


class LogInFailed(ShopError):
    """Incorrect username or password."""

    status = 401


class TooManyTries(ShopError):
    """Too many failed login attempts. Retry after (seconds)"""

    status = 429

    def __init__(self, retry_after: int = 60) -> None:
        self.retry_after = int(retry_after)
        super().__init__(self.retry_after)


class Forbidden(ShopError):
    """Your role does not permit this operation."""

    status = 403


class NotFound(ShopError):
    """Resource not found."""

    status = 404


class UnknownCustomer(NotFound):
    """Customer not found."""


class UnknownCategory(NotFound):
    """Category not found."""


class UnknownProduct(NotFound):
    """Product not found."""


class UnknownOrder(NotFound):
    """Order not found."""


class UnknownInvoice(NotFound):
    """Invoice not found."""


class UnknownDeadLetter(NotFound):
    """Dead letter not found."""


class UnknownStream(NotFound):
    """Stream not found."""


class Conflict(ShopError):
    """The current state of the resource does not allow this operation."""

    status = 409


class UsernameTaken(Conflict):
    """This username is already taken."""


class CategoryInUse(Conflict):
    """The category still contains products."""


class StockBelowZero(Conflict):
    """Stock cannot become negative."""


class CreditBelowZero(Conflict):
    """Available credit cannot become negative."""


class CreditMoved(Conflict):
    """The available credit has changed."""


class TotalMoved(Conflict):
    """The total has changed."""


class OrderNotCancellable(Conflict):
    """This order can no longer be cancelled."""


class OrderNotShippable(Conflict):
    """Only approved orders can be shipped."""


class LogNotEmpty(Conflict):
    """The event log is not empty. A backup can only be restored into an empty log."""


class EditConflict(ShopError):
    """The resource has changed since you read it. Fetch it again and retry with the new ETag."""

    status = 412


class CommandReused(ShopError):
    """This Idempotency-Key was already used for a different request."""

    status = 422


# The log


class WrongExpectedVersion(ShopError):
    """Stream version conflict.

    Args:
        stream, expected, actual: the first stream whose version differs.
    """

    status = 409

    def __init__(self, stream: str = "", expected: int = 0, actual: int = 0) -> None:
        self.stream, self.expected, self.actual = stream, int(expected), int(actual)
        super().__init__(stream, self.expected, self.actual)


class CommitTooLarge(ShopError):
    """The commit exceeds 256 KiB. Bytes"""

    status = 413


class InvalidCommit(ShopError):
    """Malformed commit."""

    status = 422


class CheckpointMoved(ShopError):
    """The checkpoint has moved.

    Args:
        name, expected, actual: positions; the caller is not the only one that works on this subscription.
    """

    status = 409

    def __init__(self, name: str = "", expected: int = 0, actual: int = 0) -> None:
        self.name, self.expected, self.actual = name, int(expected), int(actual)
        super().__init__(name, self.expected, self.actual)
