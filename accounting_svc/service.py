"""The Nameko service `accounting`."""

from accounting_svc import invoicing
from accounting_svc.audit import ExpectedDocuments
from accounting_svc.domain import CREDIT_NOTES, INVOICES, net_by_month
from accounting_svc.schemas import InvoicesQuery, YearFields, is_invoice_number
from accounting_svc.store import CouchInvoices, Invoices, SqlInvoices
from shop.audit import auditing
from shop.audit.invoices import InvoicesGapless
from shop.contracts import names
from shop.contracts.actors import Actor, require_manager, require_owner, require_user
from shop.contracts.commits import RecordedEvent
from shop.contracts.errors import UnknownInvoice
from shop.contracts.events import CreditNoteIssued, InvoiceIssued
from shop.contracts.money import Money
from shop.contracts.views import InvoiceView, Listed, MoneyView, RevenueView
from shop.event_sourcing import operations, time_travel
from shop.event_sourcing.log import EventLog, Log
from shop.event_sourcing.subscription import projects
from shop.messaging.rpc import rpc
from shop.read_models.couchdb import CouchReadModel
from shop.read_models.sql import SqlReadModel
from shop.read_models.stores import ReadModelStore
from shop.service.identity import CallingActor
from shop.service.settings import Settings, ShopSettings
from shop.service.validation import check


class AccountingService(invoicing.Invoicing, operations.Operations, time_travel.TimeTravel, auditing.Audited):
    """Invoices for approved orders, credit notes for those cancelled later, and the year's revenue."""

    name = names.Service.ACCOUNTING.value

    actor: Actor = CallingActor()
    log: Log = EventLog()
    store: Invoices = ReadModelStore(SqlReadModel(SqlInvoices), CouchReadModel(CouchInvoices))
    settings: Settings = ShopSettings()
    deciders = {"invoices": INVOICES, "credit-notes": CREDIT_NOTES}
    audits = auditing.Auditing(InvoicesGapless, expected=ExpectedDocuments)

    # Questions

    @rpc
    def get_invoice(self, number: str) -> InvoiceView:
        """One invoice, for its customer and managers. Raises: UnknownInvoice."""
        require_user(self.actor)
        invoice = self._shown(number)
        require_owner(self.actor, invoice["customer"], UnknownInvoice, number)
        return invoice

    @rpc
    def list_invoices(self, year: int | None = None, limit: int = 20, after: str | None = None) -> Listed[InvoiceView]:
        """Invoices newest first: a customer's own, or all for managers."""
        require_user(self.actor)
        query = check(InvoicesQuery(), {"year": year, "limit": limit})
        customer = None if self.actor.manages else self.actor.username
        return self.store.page(**query, customer=customer, after=after)

    @rpc
    def revenue(self, year: int) -> RevenueView:
        """A year's revenue, net of credit notes, by month of issue (UTC). For managers.

        Returns:
            `{year, total, months: [{month, total, invoices}]}`, January to December; `invoices` counts those issued.
        """
        require_manager(self.actor)
        check(YearFields(), {"year": year})
        months = net_by_month(self.store.invoiced(year), self.store.credited(year))
        return {
            "year": year,
            "total": self._money(sum(month.amount for month in months)),
            "months": [
                {"month": number, "total": self._money(month.amount), "invoices": month.documents}
                for number, month in enumerate(months, start=1)
            ],
        }

    # The read model

    @projects(InvoiceIssued)
    def show_invoice(self, recorded: RecordedEvent, rows: Invoices) -> None:
        rows.add_invoice(recorded)

    @projects(CreditNoteIssued)
    def show_credit_note(self, recorded: RecordedEvent, rows: Invoices) -> None:
        rows.add_credit_note(recorded)

    # Private

    def _shown(self, number: str) -> InvoiceView:
        """The invoice from the read model, after catching up if necessary. Raises: UnknownInvoice."""
        if not is_invoice_number(number):
            raise UnknownInvoice(str(number))
        invoice = self.store.invoice(number)
        if invoice is None:
            self.log.catch_up()
            invoice = self.store.invoice(number)
        if invoice is None:
            raise UnknownInvoice(number)
        return invoice

    def _money(self, amount: int) -> MoneyView:
        return Money(amount, self.settings.currency).dump()
