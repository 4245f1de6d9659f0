"""/v1/invoices, /v1/revenue"""

import re
from datetime import UTC, datetime

from gateway_svc import schemas, shapes
from gateway_svc.calls import Call, Json
from gateway_svc.routes import Access, Answer, route
from shop.chassis.rpc import Rpc
from shop.contracts.errors import UnknownInvoice
from shop.contracts.names import Service

NUMBER = re.compile(r"[0-9]{4}-[0-9]{6,9}", re.ASCII)


class Invoices:
    accounting = Rpc(Service.ACCOUNTING.value)

    @route(
        "GET",
        "/v1/invoices",
        access=Access.USER,
        query=schemas.InvoicesQuery,
        answer=Answer(shape=shapes.Invoice, many=True),
    )
    def list_invoices(self, call: Call) -> Json:
        """Invoices: a customer's own, all for managers."""
        return self.accounting.list_invoices(**call.query)

    @route(
        "GET",
        "/v1/invoices/<number>",
        access=Access.USER,
        answer=Answer(shape=shapes.Invoice),
        refusals=[UnknownInvoice],
    )
    def get_invoice(self, _call: Call, number: str) -> Json:
        """One invoice, for its customer and managers."""
        if not NUMBER.fullmatch(number):
            raise UnknownInvoice
        return self.accounting.get_invoice(number)

    @route("GET", "/v1/revenue", access=Access.MANAGER, query=schemas.RevenueQuery, answer=Answer(shape=shapes.Revenue))
    def get_revenue(self, call: Call) -> Json:
        """Invoices less credit notes of a year, by the month in which they were issued."""
        return self.accounting.revenue(call.query.get("year") or datetime.now(UTC).year)
