"""The expected orders read model, by the rules of orders."""

from collections.abc import Mapping
from typing import Any

from order_svc.domain import ORDER
from order_svc.store import HOLDINGS, new_row
from shop.audit.large import LargeDict
from shop.audit.rows import Digest, Keyed
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import Event, InvoiceIssued, OrderPlaced, OrderRejected
from shop.contracts.names import invoice_number

LARGE = ("lines", "address")


class ExpectedOrders:
    """Orders, with the other services' reservation results."""

    def __init__(self) -> None:
        self._orders: LargeDict[str, dict[str, Any]] = LargeDict()

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        if isinstance(event, OrderPlaced):
            row = new_row(event, recorded)
            self._orders[str(event.order_id)] = row | {name: Digest.of(row[name]) for name in LARGE}
            return
        row = self._orders.get(str(getattr(event, "order_id", "")), {})
        if row:
            row.update(_changes(recorded, event))

    def tables(self) -> Mapping[str, Keyed]:
        return {"orders": self._orders}


def _changes(recorded: RecordedEvent, event: Event) -> dict[str, Any]:
    """Columns changed by the event."""
    if recorded.type in HOLDINGS:
        column, holding = HOLDINGS[recorded.type]
        return {column: str(holding)}
    if isinstance(event, InvoiceIssued):
        return {"invoice": invoice_number(event.year, event.number)}
    if not recorded.stream.startswith("order-"):
        return {}
    reason = {"reason": [str(reason) for reason in event.reasons]} if isinstance(event, OrderRejected) else {}
    return {"status": str(ORDER.fold([event]).status), "version": recorded.version, **reason}
