"""The orders read model in SQL: one row per order, with the other services' reservation results."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Update,
    bindparam,
    func,
    select,
    tuple_,
    update,
)

from order_svc.domain import ORDER, Status
from shop.contracts import names
from shop.contracts.codec import dump, dump_time
from shop.contracts.commits import RecordedCommit, RecordedEvent
from shop.contracts.events import InvoiceIssued, OrderLine, OrderPlaced, OrderRejected
from shop.contracts.views import Listed, OrderView
from shop.contracts.wire import Wire
from shop.read_models.sql import SqlRows
from shop.read_models.sql.statements import keep
from shop.service.pagination import cursor_of, key_of


class Holding(StrEnum):
    """State of an order's reservation of stock or credit."""

    PENDING = "pending"
    RESERVED = "reserved"
    REJECTED = "rejected"
    RELEASED = "released"


HOLDINGS = {
    "StockReserved": ("stock", Holding.RESERVED),
    "StockRejected": ("stock", Holding.REJECTED),
    "StockReleased": ("stock", Holding.RELEASED),
    "CreditReserved": ("credit", Holding.RESERVED),
    "CreditRejected": ("credit", Holding.REJECTED),
    "CreditReleased": ("credit", Holding.RELEASED),
}
"""Column and new value for each event."""


class SqlOrders(SqlRows):
    """Orders with their reservations and invoices."""

    schema_version = 2

    @classmethod
    def tables(cls, metadata: MetaData, prefix: str) -> dict[str, Table]:
        orders = Table(
            f"{prefix}orders",
            metadata,
            Column("order_id", String(36), primary_key=True),
            Column("position", BigInteger, nullable=False, unique=True),
            Column("placed_at", String(32), nullable=False),
            Column("version", Integer, nullable=False),
            Column("customer", String(64), nullable=False),
            Column("customer_key", String(64), nullable=False),
            Column("status", String(16), nullable=False),
            Column("stock", String(16), nullable=False),
            Column("credit", String(16), nullable=False),
            Column("reason", JSON(none_as_null=True)),
            Column("lines", JSON, nullable=False),
            Column("address", JSON(none_as_null=True)),
            Column("total", BigInteger, nullable=False),
            Column("currency", String(3), nullable=False),
            Column("invoice", String(32)),
            Index(f"{prefix}orders_of_customer", "customer_key", "position"),
            Index(f"{prefix}orders_by_status", "status", "position"),
            Index(f"{prefix}orders_by_time", "placed_at", "position"),
        )
        return {"orders": orders}

    # Projections

    def add(self, recorded: RecordedEvent) -> None:
        """Insert a placed order."""
        placed = recorded.event
        if isinstance(placed, OrderPlaced):
            self.insert(self.t["orders"], new_row(placed, recorded))

    def move(self, recorded: RecordedEvent) -> None:
        """Update the order's status; events from before its present status are skipped."""
        event = recorded.event
        changes = {"status": str(ORDER.fold([event]).status), "version": recorded.version}
        if isinstance(event, OrderRejected):
            changes["reason"] = [str(reason) for reason in event.reasons]
        order_id = recorded.fields["order_id"]
        self.write(_moving(self.t["orders"]), {"of_order": order_id, "to_version": recorded.version, **changes})

    def show_holding(self, recorded: RecordedEvent) -> None:
        """Update the order's reservation of stock or credit."""
        column, holding = HOLDINGS[recorded.type]
        self._show(recorded, {column: str(holding)})

    def show_invoice(self, recorded: RecordedEvent) -> None:
        """Set the number of the order's invoice."""
        event = recorded.event
        if isinstance(event, InvoiceIssued):
            self._show(recorded, {"invoice": names.invoice_number(event.year, event.number)})

    # Reading

    def order(self, order_id: UUID) -> OrderView | None:
        row = self.find(self.t["orders"], str(order_id))
        return order_of(row) if row else None

    def page(
        self,
        *,
        status: Status | None,
        customer: str | None,
        placed_from: datetime | None,
        placed_before: datetime | None,
        oldest_first: bool,
        limit: int,
        after: str | None,
    ) -> Listed[OrderView]:
        """Orders, newest first by default: `{items, next}`. Raises: InvalidRequest, for an unknown cursor.

        Within an interval they are sorted by time. That is the order of their positions, too, unless the clock was ever
        repaired.
        """
        last = key_of(after, int)
        orders = self.t["orders"]
        by_time = placed_from is not None or placed_before is not None
        order = [orders.c.placed_at, orders.c.position] if by_time else [orders.c.position]
        wanted = select(orders).limit(limit + 1)
        wanted = wanted.order_by(*(order if oldest_first else [column.desc() for column in order]))
        wanted = wanted.where(*self._placed(placed_from, placed_before))
        if status is not None:
            wanted = wanted.where(orders.c.status == str(status))
        if customer is not None:
            wanted = wanted.where(orders.c.customer_key == customer.casefold())
        if last is not None:
            reached = select(select(*order).where(orders.c.position == last[0]).subquery()).scalar_subquery()
            wanted = wanted.where(tuple_(*order) > reached if oldest_first else tuple_(*order) < reached)
        rows = [row._asdict() for row in self.execute(wanted)]
        more = len(rows) > limit
        return {
            "items": [order_of(row) for row in rows[:limit]],
            "next": cursor_of(rows[limit - 1]["position"]) if more else None,
        }

    def counts(self, *, placed_from: datetime | None, placed_before: datetime | None) -> dict[str, int]:
        """Number of orders in each status."""
        orders = self.t["orders"]
        wanted = select(orders.c.status, func.count().label("orders")).group_by(orders.c.status)
        rows = self.execute(wanted.where(*self._placed(placed_from, placed_before)))
        found = {row.status: row.orders for row in rows}
        return {str(status): found.get(str(status), 0) for status in Status}

    def undecided(self, placed_before: datetime, placed_after: datetime, limit: int) -> list[UUID]:
        """The oldest undecided orders, placed before the one time or after the other."""
        late = {"before": dump_time(placed_before), "after": dump_time(placed_after), "most": limit}
        return [UUID(row.order_id) for row in self.rows(_undecided(self.t["orders"]), late)]

    def _show(self, recorded: RecordedEvent, changes: Wire) -> None:
        self.update(self.t["orders"], recorded.fields["order_id"], changes)

    def _placed(self, since: datetime | None, before: datetime | None) -> list[ColumnElement[bool]]:
        placed_at = self.t["orders"].c.placed_at
        conditions = []
        if since is not None:
            conditions.append(placed_at >= dump_time(since))
        if before is not None:
            conditions.append(placed_at < dump_time(before))
        return conditions


@keep
def _moving(orders: Table) -> Update:
    return update(orders).where(orders.c.order_id == bindparam("of_order"), orders.c.version < bindparam("to_version"))


@keep
def _undecided(orders: Table) -> Select[Any]:
    late = (orders.c.placed_at < bindparam("before")) | (orders.c.placed_at > bindparam("after"))
    waiting = orders.c.status == str(Status.PLACED)
    return select(orders.c.order_id).where(waiting & late).order_by(orders.c.position).limit(bindparam("most"))


def new_row(placed: OrderPlaced, recorded: RecordedEvent) -> Wire:
    """The row of a placed order."""
    return {
        "order_id": str(placed.order_id),
        "position": recorded.position,
        "placed_at": recorded.at,
        "version": recorded.version,
        "customer": placed.customer,
        "customer_key": placed.customer.casefold(),
        "status": str(Status.PLACED),
        "stock": str(Holding.PENDING),
        "credit": str(Holding.PENDING),
        "reason": None,
        "lines": [_line(line) for line in placed.lines],
        "address": dump(placed.address) if placed.address else None,
        "total": placed.total.amount,
        "currency": placed.total.currency,
        "invoice": None,
    }


def order_as_placed(commit: RecordedCommit) -> OrderView:
    """An order in the form of RPC, from the commit that placed it. Raises: LookupError."""
    for recorded in commit.events:
        if isinstance(recorded.event, OrderPlaced):
            return order_of(new_row(recorded.event, recorded))
    raise LookupError(f"no order was placed at {commit.position}")


def order_of(row: Wire) -> OrderView:
    """An order's row in the RPC form."""
    return {
        "id": row["order_id"],
        "customer": row["customer"],
        "status": row["status"],
        "stock": row["stock"],
        "credit": row["credit"],
        "reason": row["reason"],
        "lines": row["lines"],
        "address": row["address"],
        "total": {"amount": row["total"], "currency": row["currency"]},
        "placed_at": row["placed_at"],
        "invoice": row["invoice"],
        "version": row["version"],
    }


def _line(line: OrderLine) -> Wire:
    return {**dump(line), "total": line.total.dump()}
