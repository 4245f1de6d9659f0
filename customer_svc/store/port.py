"""What the service asks of its database, whichever that is."""

from contextlib import AbstractContextManager
from typing import Protocol

from shop.contracts.commits import RecordedEvent
from shop.contracts.money import Money
from shop.contracts.views import CustomerView, SessionOwnerView


class Customers(Protocol):
    """Customers as they are shown, and who is logged in."""

    # Projections

    def show_customer(self, recorded: RecordedEvent) -> None:
        """Show the customer as the event leaves them. Credit refused to an unknown customer shows nowhere."""

    def show_reservation(self, recorded: RecordedEvent) -> None:
        """Show what an order has taken of a customer's credit."""

    # Reading

    def customer(self, username: str) -> CustomerView | None:
        """One customer in the form of RPC."""

    def customers(self, *, q: str, limit: int, after: str | None) -> tuple[list[CustomerView], str | None]:
        """Customers by name, and the key after which the next page goes on; None at the end.

        Args:
            q: words, each of which is a part of their username, full name or e-mail address (`shop.text.matching`).
        """
        ...

    def spent(self, username: str, currency: str) -> Money:
        """How much of what the customer's orders have taken belongs to approved ones."""
        ...

    def registered_at(self, username: str) -> str | None:
        """When the customer registered; None where they are not shown."""

    def write(self) -> AbstractContextManager["Customers"]:
        """A short transaction that changes sessions."""
        ...

    # Sessions: they hold for the customer who registered then, should the log ever be another one.

    def open_session(self, *, token_hash: str, username: str, registered_at: str, expires_at: str) -> None:
        """Both times as in events."""

    def session(self, token_hash: str, now: str) -> SessionOwnerView | None:
        """Who is logged in with this token, in the role they have now: `{username, role, address, expires_at}`."""

    def close_session(self, token_hash: str) -> None:
        """End it; one that has ended stays so."""

    def close_sessions_of(self, username: str, *, but: str = "") -> None:
        """End all of a customer's sessions except the one with the token hash `but`."""

    def forget_expired_sessions(self, now: str) -> None:
        """Give back the room that they take."""
