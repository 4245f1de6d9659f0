"""/v1/invoices, /v1/revenue"""

import re
from datetime import UTC, datetime

from werkzeug.wrappers import Response

from gateway_svc import schemas, shapes
from gateway_svc.calls import Call
from gateway_svc.documents.making import make_invoice_pdf
from gateway_svc.negotiation import NotAcceptable, preferred
from gateway_svc.routes import Access, Answer, route
from shop.contracts.api import AccountingApi
from shop.contracts.errors import UnknownInvoice
from shop.contracts.views import InvoiceView, Listed, RevenueView
from shop.messaging.rpc_client import rpc_client

JSON, PDF = "application/json", "application/pdf"
NUMBER = re.compile(r"[0-9]{4}-[0-9]{6,9}", re.ASCII)


class InvoiceRoutes:
    accounting: AccountingApi = rpc_client(AccountingApi)

    @route(
        "GET",
        "/v1/invoices",
        access=Access.USER,
        query=schemas.InvoicesQuery,
        answer=Answer(shape=shapes.Invoice, many=True),
    )
    def list_invoices(self, call: Call) -> Listed[InvoiceView]:
        """List invoices: your own, or all for managers."""
        return self.accounting.list_invoices(**call.query)

    @route(
        "GET",
        "/v1/invoices/<number>",
        access=Access.USER,
        answer=Answer(shape=shapes.Invoice, also=[PDF]),
        refusals=[UnknownInvoice, NotAcceptable],
    )
    def get_invoice(self, call: Call, number: str) -> InvoiceView | Response:
        """Get an invoice as JSON, or as PDF with `Accept: application/pdf`."""
        form = preferred(call.request.headers.get("Accept"), [JSON, PDF])
        if not NUMBER.fullmatch(number):
            raise UnknownInvoice
        invoice = self.accounting.get_invoice(number)
        return _on_paper(invoice) if form == PDF else invoice

    @route("GET", "/v1/revenue", access=Access.MANAGER, query=schemas.RevenueQuery, answer=Answer(shape=shapes.Revenue))
    def get_revenue(self, call: Call) -> RevenueView:
        """Get a year's revenue by month of issue, net of credit notes."""
        return self.accounting.revenue(call.query.get("year") or datetime.now(UTC).year)


def _on_paper(invoice: InvoiceView) -> Response:
    headers = {
        "Content-Disposition": f'inline; filename="invoice-{invoice["number"]}.pdf"',
        "Cache-Control": "no-store",
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(make_invoice_pdf(invoice), content_type=PDF, headers=headers)
