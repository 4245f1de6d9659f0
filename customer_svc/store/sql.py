"""Customers in SQL. Held and spent are sums over the reservations' rows, so they always agree with the credit."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
)

from customer_svc.domain import evolve
from customer_svc.store.shape import Reservation, columns_of, customer_of, customer_wire
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import CreditReleased, CreditReserved, OrderApproved
from shop.contracts.money import Money
from shop.contracts.views import CustomerView, SessionOwnerView
from shop.contracts.wire import Wire
from shop.read_models.sql import SqlRows, by_code_point
from shop.read_models.sql.statements import keep
from shop.text.matching import words_of


class SqlCustomers(SqlRows):
    """Customers and their sessions."""

    schema_version = 2

    @classmethod
    def tables(cls, metadata: MetaData, prefix: str) -> dict[str, Table]:
        customers = Table(
            f"{prefix}customers",
            metadata,
            Column("key", by_code_point(32), primary_key=True),
            Column("username", String(32), nullable=False),
            Column("full_name", Text, nullable=False),
            Column("email", Text, nullable=False),
            Column("address", JSON(none_as_null=True)),
            Column("role", String(16), nullable=False),
            Column("credit", BigInteger, nullable=False),
            Column("currency", String(3), nullable=False),
            Column("version", Integer, nullable=False),
            Column("registered_at", String(32), nullable=False),
            Column("search", Text, nullable=False),
        )
        reservations = Table(
            f"{prefix}reservations",
            metadata,
            Column("order_id", String(36), primary_key=True),
            Column("customer_key", String(32), nullable=False),
            Column("state", String(16), nullable=False),
            Column("amount", BigInteger, nullable=False),
            Index(f"{prefix}reservations_of_customer", "customer_key", "state", "amount"),
        )
        return {"customers": customers, "reservations": reservations}

    @classmethod
    def permanent_tables(cls, metadata: MetaData) -> dict[str, Table]:
        sessions = Table(
            "sessions",
            metadata,
            Column("token_hash", String(64), primary_key=True),
            Column("customer_key", String(32), nullable=False, index=True),
            Column("registered_at", String(32), nullable=False),
            Column("expires_at", String(32), nullable=False, index=True),
        )
        return {"sessions": sessions}

    # Projections

    def show_customer(self, recorded: RecordedEvent) -> None:
        """Project the customer's state after the event. Credit rejected for an unknown customer has no row."""
        key = str(recorded.fields["username"]).casefold()
        row = self.find(self.t["customers"], key)
        customer = evolve(customer_of(row) if row else None, recorded.event)
        if customer is None:
            return
        if row is None:
            registered = {"key": key, "registered_at": recorded.at}
            self.insert(self.t["customers"], columns_of(customer) | registered)
            return
        changed = {name: value for name, value in columns_of(customer).items() if row[name] != value}
        if changed:
            self.update(self.t["customers"], key, changed)

    def show_reservation(self, recorded: RecordedEvent) -> None:
        """Project an order's reservation of credit."""
        match recorded.event:
            case CreditReserved(order_id=order_id, username=username, amount=amount):
                row = {"order_id": str(order_id), "customer_key": username.casefold(), "amount": amount.amount}
                self.insert(self.t["reservations"], row | {"state": str(Reservation.HELD)})
            case CreditReleased(order_id=order_id):
                self._move(order_id, Reservation.RELEASED)
            case OrderApproved(order_id=order_id):
                self._move(order_id, Reservation.SPENT)

    # Reading

    def customer(self, username: str) -> CustomerView | None:
        """One customer in the RPC form."""
        row = self.find(self.t["customers"], username.casefold())
        return self._wires([row])[0] if row else None

    def customers(self, *, q: str, limit: int, after: str | None) -> tuple[list[CustomerView], str | None]:
        """Customers by name, and the key of the next page; None at the end.

        Args:
            q: words, each contained in the username, full name or email address (`shop.text.matching`).
        """
        table = self.t["customers"]
        wanted = select(table).order_by(table.c.key).limit(limit + 1)
        for word in words_of(q):
            wanted = wanted.where(table.c.search.contains(word, autoescape=True))
        if after is not None:
            wanted = wanted.where(table.c.key > after)
        rows = [row._asdict() for row in self.execute(wanted)]
        more = len(rows) > limit
        return self._wires(rows[:limit]), rows[limit - 1]["key"] if more else None

    def spent(self, username: str, currency: str) -> Money:
        """The sum of the customer's reservations for approved orders."""
        key = username.casefold()
        return Money(self._sums([key]).get((key, str(Reservation.SPENT)), 0), currency)

    def registered_at(self, username: str) -> str | None:
        """Time of the customer's registration; None for an unknown customer."""
        row = self.find(self.t["customers"], username.casefold())
        return row["registered_at"] if row else None

    # Sessions: bound to the customer's time of registration, in case the log is ever replaced.

    def open_session(self, *, token_hash: str, username: str, registered_at: str, expires_at: str) -> None:
        session = {"token_hash": token_hash, "registered_at": registered_at, "expires_at": expires_at}
        self.insert(self.permanent["sessions"], session | {"customer_key": username.casefold()})

    def session(self, token_hash: str, now: str) -> SessionOwnerView | None:
        """The user of this token, with the present role: `{username, role, address, expires_at}`."""
        log_in = _log_in(self.t["customers"], self.permanent["sessions"])
        found = self.rows(log_in, {"token": token_hash, "now": now})
        return found[0]._asdict() if found else None

    def close_session(self, token_hash: str) -> None:
        self.delete(self.permanent["sessions"], token_hash)

    def close_sessions_of(self, username: str, *, but: str = "") -> None:
        """End all of a customer's sessions except the one with the token hash `but`."""
        sessions = self.permanent["sessions"]
        others = sessions.c.token_hash != but
        self.execute(delete(sessions).where(sessions.c.customer_key == username.casefold(), others))

    def forget_expired_sessions(self, now: str) -> None:
        sessions = self.permanent["sessions"]
        self.execute(delete(sessions).where(sessions.c.expires_at <= now))

    # Private

    def _move(self, order_id: UUID, state: Reservation) -> None:
        self.update(self.t["reservations"], str(order_id), {"state": str(state)})

    def _wires(self, rows: list[Wire]) -> list[CustomerView]:
        sums = self._sums([row["key"] for row in rows])
        return [
            customer_wire(
                customer_of(row),
                held=Money(sums.get((row["key"], str(Reservation.HELD)), 0), row["currency"]),
                spent=Money(sums.get((row["key"], str(Reservation.SPENT)), 0), row["currency"]),
            )
            for row in rows
        ]

    def _sums(self, keys: list[str]) -> dict[tuple[str, str], int]:
        """Sums of reservations, by customer and state."""
        rows = self.rows(_sums_of(self.t["reservations"]), {"keys": keys})
        return {(row.customer_key, row.state): int(row.total) for row in rows}


@keep
def _log_in(customers: Table, sessions: Table) -> Select[Any]:
    same = (customers.c.key == sessions.c.customer_key) & (customers.c.registered_at == sessions.c.registered_at)
    return (
        select(customers.c.username, customers.c.role, customers.c.address, sessions.c.expires_at)
        .join_from(sessions, customers, same)
        .where(sessions.c.token_hash == bindparam("token"), sessions.c.expires_at > bindparam("now"))
    )


@keep
def _sums_of(reservations: Table) -> Select[Any]:
    key, state = reservations.c.customer_key, reservations.c.state
    total = func.sum(reservations.c.amount).label("total")
    return select(key, state, total).where(key.in_(bindparam("keys", expanding=True))).group_by(key, state)
