"""The identity behind a call, sent between the services."""

from dataclasses import dataclass
from typing import Any, Self

from shop.contracts.errors import Forbidden, NotFound, Unauthenticated
from shop.contracts.events import Role

ANONYMOUS = "anonymous"
OPERATOR = "operator"
SERVICE = "service"


@dataclass(frozen=True)
class Actor:
    """A user's name and role: a `Role`, "anonymous" (visitors of the gateway) or "operator" (callers on the broker)."""

    username: str
    role: str

    @classmethod
    def load(cls, wire: dict[str, Any] | None) -> Self:
        """From a call's context data; a call without an actor comes from an operator on the broker."""
        return cls(OPERATOR, OPERATOR) if wire is None else cls(wire["username"], wire["role"])

    def dump(self) -> dict[str, str]:
        return {"username": self.username, "role": self.role}

    def __str__(self) -> str:
        return f"{self.role}:{self.username}"

    @property
    def manages(self) -> bool:
        """True for managers and operators, who have full rights anyway."""
        return self.role in (Role.MANAGER, OPERATOR)

    def is_user(self, username: str) -> bool:
        return self.role in (Role.CUSTOMER, Role.MANAGER) and self.username.casefold() == username.casefold()


def require_manager(actor: Actor) -> None:
    """Raises: Unauthenticated for visitors, Forbidden for customers."""
    require_user(actor)
    if not actor.manages:
        raise Forbidden


def require_operator(actor: Actor) -> None:
    """Raises: Unauthenticated for visitors, Forbidden for all but operators on the broker."""
    require_user(actor)
    if actor.role != OPERATOR:
        raise Forbidden


def require_user(actor: Actor) -> None:
    """Raises: Unauthenticated for visitors."""
    if actor.role == ANONYMOUS:
        raise Unauthenticated


def require_owner(actor: Actor, username: str, missing: type[NotFound], name: object) -> None:
    """Hides the existence of other users' things. Raises: Unauthenticated, or `missing(name)`."""
    require_user(actor)
    if not actor.manages and not actor.is_user(username):
        raise missing(str(name))
