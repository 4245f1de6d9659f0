"""The Nameko service `accounting`."""

from datetime import datetime

from accounting_svc.audit import ExpectedDocuments
from accounting_svc.domain import (
    CREDIT_NOTES,
    INVOICES,
    Book,
    IssueCreditNote,
    IssueInvoice,
    decide,
    net_by_month,
    year_of,
)
from accounting_svc.schemas import InvoicesQuery, YearFields, is_invoice_number
from accounting_svc.store import AccountingDocuments, AccountingRows, Invoices
from shop.audit import auditing
from shop.audit.invoices import InvoicesGapless
from shop.contracts import names
from shop.contracts.actors import Actor, require_manager, require_owner, require_user
from shop.contracts.codec import load_time
from shop.contracts.commits import Commit, RecordedEvent
from shop.contracts.errors import UnknownInvoice
from shop.contracts.events import CreditNoteIssued, InvoiceIssued, OrderApproved, OrderCancelled
from shop.contracts.money import Money
from shop.contracts.views import InvoiceView, Listed, MoneyView, RevenueView
from shop.event_sourcing import operations, time_travel
from shop.event_sourcing.decision_context import Work
from shop.event_sourcing.log import EventLog, Log
from shop.event_sourcing.subscription import projects, reacts_to
from shop.messaging.rpc import rpc
from shop.read_models.couchdb import CouchReadModel
from shop.read_models.sql import SqlReadModel
from shop.read_models.stores import ReadModelStore
from shop.service.identity import CallingActor
from shop.service.settings import Settings, ShopSettings
from shop.service.validation import check


class AccountingService(operations.Operations, time_travel.TimeTravel, auditing.Audited):
    """Invoices for approved orders, credit notes for those cancelled later, and the year's revenue."""

    name = names.Service.ACCOUNTING.value

    actor: Actor = CallingActor()
    log: Log = EventLog()
    store: Invoices = ReadModelStore(SqlReadModel(AccountingRows), CouchReadModel(AccountingDocuments))
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
        """What a year's invoices come to, net of credit notes, by month of issue (UTC). For managers.

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

    # The saga

    @reacts_to(OrderApproved)
    def issue_invoice(self, approved: OrderApproved, work: Work) -> Commit | None:
        """Invoice an approved order, in the year of its approval."""
        moment = _moment_of(work)
        book = Book(issued=work.version(INVOICES.stream(year_of(moment))))
        issue = IssueInvoice(
            order=approved, seller=self.settings.seller, tax_percent=self.settings.tax_percent, issued_at=moment
        )
        return work.commit(decide(book, issue), once=f"invoice:{approved.order_id}")

    @reacts_to(OrderCancelled)
    def issue_credit_note(self, cancelled: OrderCancelled, work: Work) -> Commit | None:
        """Take back the invoice of an order that was cancelled after its approval."""
        if not cancelled.was_approved:
            return None
        moment = _moment_of(work)
        invoice = _invoice_of(cancelled, work)
        book = Book(issued=work.version(CREDIT_NOTES.stream(year_of(moment))))
        take_back = IssueCreditNote(invoice=invoice, issued_at=moment)
        return work.commit(decide(book, take_back), once=f"credit-note:{cancelled.order_id}")

    # The read model

    @projects(InvoiceIssued)
    def show_invoice(self, recorded: RecordedEvent, rows: Invoices) -> None:
        rows.add_invoice(recorded)

    @projects(CreditNoteIssued)
    def show_credit_note(self, recorded: RecordedEvent, rows: Invoices) -> None:
        rows.add_credit_note(recorded)

    # Private

    def _shown(self, number: str) -> InvoiceView:
        """The invoice from the read model, which may have to hear of it first. Raises: UnknownInvoice."""
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


def _moment_of(work: Work) -> datetime:
    """When the cause was recorded: the same whenever the reaction runs, so a document is always in the same book."""
    if work.cause is None:
        raise LookupError("only a reaction has a cause")
    return load_time(work.cause.at)


def _invoice_of(cancelled: OrderCancelled, work: Work) -> InvoiceIssued:
    """Raises: LookupError, when the approval before has not been invoiced."""
    commit = work.find(f"invoice:{cancelled.order_id}")
    for event in commit.events if commit else ():
        issued = event.event if isinstance(event, RecordedEvent) else event
        if isinstance(issued, InvoiceIssued):
            return issued
    raise LookupError(f"the approved order {cancelled.order_id} has no invoice")
