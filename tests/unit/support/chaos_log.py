"""A log as the event store answers it, with whole orders of one unit of tea for ann."""

from typing import Any

PRICE = {"amount": 500, "currency": "EUR"}
LINES = [{"product_id": "tea", "quantity": 1, "unit_price": PRICE, "name": "Tea"}]


class Log:
    """With enough tea and credit."""

    def __init__(self) -> None:
        self.commits: list[dict[str, Any]] = []
        self._versions: dict[str, int] = {}
        self._invoices = 0
        self._add(("product-tea", "ProductAdded", {"product_id": "tea", "units_in_stock": 100}))
        credit = {"amount": 100_000, "currency": "EUR"}
        self._add(("customer-ann", "CustomerRegistered", {"username": "ann", "credit": credit}))

    def place(self, order_id: str) -> None:
        self._of(order_id, "OrderPlaced", customer="ann", lines=LINES, total=PRICE)

    def approve(self, order_id: str) -> None:
        """From the beginning to the invoice."""
        self.place(order_id)
        order = {"order_id": order_id}
        units = {**order, "product_id": "tea", "quantity": 1}
        self._add(("product-tea", "UnitsReserved", units), (f"stock-{order_id}", "StockReserved", order))
        self._add(("customer-ann", "CreditReserved", {**order, "username": "ann", "amount": PRICE}))
        self._of(order_id, "OrderApproved", lines=LINES, total=PRICE)
        self._invoices += 1
        self.invoice(order_id, number=self._invoices)

    def invoice(self, order_id: str, number: int) -> None:
        self._of(order_id, "InvoiceIssued", lines=LINES, total=PRICE, year=2026, number=number)

    def _of(self, order_id: str, type_: str, **data: Any) -> None:
        self._add((f"order-{order_id}", type_, {"order_id": order_id, **data}))

    def _add(self, *events: tuple[str, str, dict[str, Any]]) -> None:
        position = len(self.commits) + 1
        self.commits.append(
            {
                "position": position,
                "command_id": f"command {position}",
                "hash": f"hash {position}",
                "prev": f"hash {position - 1}",
                "meta": {"at": f"2026-01-01T00:00:{position:02}Z"},
                "events": [self._event(*event) for event in events],
            }
        )

    def _event(self, stream: str, type_: str, data: dict[str, Any]) -> dict[str, Any]:
        self._versions[stream] = self._versions.get(stream, 0) + 1
        return {"stream": stream, "version": self._versions[stream], "type": type_, "data": data}
