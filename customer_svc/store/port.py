"""The port of the customers read model: its queries and projections, for any kind of database."""

from contextlib import AbstractContextManager
from typing import Protocol

from shop.contracts.commits import RecordedEvent
from shop.contracts.money import Money
from shop.contracts.views import CustomerView, SessionOwnerView


class Customers(Protocol):
    """Customers and their sessions."""

    # Projections

    def show_customer(self, recorded: RecordedEvent) -> None:
        """Project the customer's state after the event. Credit rejected for an unknown customer has no row."""

    def show_reservation(self, recorded: RecordedEvent) -> None:
        """Project an order's reservation of credit."""

    # Reading

    def customer(self, username: str) -> CustomerView | None:
        """One customer in the RPC form."""

    def customers(self, *, q: str, limit: int, after: str | None) -> tuple[list[CustomerView], str | None]:
        """Customers by name, and the key of the next page; None at the end.

        Args:
            q: words, each contained in the username, full name or email address (`shop.text.matching`).
        """
        ...

    def spent(self, username: str, currency: str) -> Money:
        """The sum of the customer's reservations for approved orders."""
        ...

    def registered_at(self, username: str) -> str | None:
        """Time of the customer's registration; None for an unknown customer."""

    def write(self) -> AbstractContextManager["Customers"]:
        """A short transaction that changes sessions."""
        ...

    # Sessions: bound to the customer's time of registration, in case the log is ever replaced.

    def open_session(self, *, token_hash: str, username: str, registered_at: str, expires_at: str) -> None:
        """Both times in the form of events."""

    def session(self, token_hash: str, now: str) -> SessionOwnerView | None:
        """The user of this token, with the present role: `{username, role, address, expires_at}`."""

    def close_session(self, token_hash: str) -> None:
        """End the session. Idempotent."""

    def close_sessions_of(self, username: str, *, but: str = "") -> None:
        """End all of a customer's sessions except the one with the token hash `but`."""

    def forget_expired_sessions(self, now: str) -> None:
        """Delete expired sessions."""
