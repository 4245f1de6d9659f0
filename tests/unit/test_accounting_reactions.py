"""Invoices and credit notes on a log: one per order, numbered without gaps, whoever else writes."""

from uuid import UUID, uuid4

import pytest

from accounting_svc.service import AccountingService
from shop.contracts.commits import events_of
from shop.contracts.events import Event
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.reactions import Job, ReactionFailed, Reactor
from shop.event_sourcing.stream_cache import StreamCache
from shop.service.settings import Settings
from tests.unit.support.counters import record
from tests.unit.support.log_in_memory import LogInMemory
from tests.unit.support.order_builders import approved, cancelled, placed

INVOICES, CREDIT_NOTES = "invoices-2026", "credit-notes-2026"


def service() -> AccountingService:
    accounting = AccountingService()
    accounting.settings = Settings.of({})
    return accounting


HANDLERS = {"OrderApproved": service().issue_invoice, "OrderCancelled": service().issue_credit_note}


def approve(log: LogInMemory, order_id: UUID | None = None) -> UUID:
    order_id = order_id or uuid4()
    record_all(log, order_id, approved(placed(order_id=order_id)))
    return order_id


def cancel(log: LogInMemory, order_id: UUID, *, was_approved: bool = True) -> None:
    record_all(log, order_id, cancelled(was_approved=was_approved, order_id=order_id))


def record_all(log: LogInMemory, order_id: UUID, *events: Event) -> None:
    record(log, *events, correlation_id=str(order_id))


def react(log: LogInMemory, states: StreamCache | None = None, after: int = 0) -> None:
    """The accounting service's reactions to everything after a position, as one batch."""
    recorded = events_of(EventStoreClient(log).read_all(after).commits)
    jobs = [Job(event, event.type, HANDLERS[event.type]) for event in recorded if event.type in HANDLERS]
    Reactor(EventStoreClient(log), states or StreamCache(), "accounting").carry_out(jobs)


def numbers(log: LogInMemory, stream: str) -> list[int]:
    return [event["data"]["number"] for event in log.events() if event["stream"] == stream]


def versions(log: LogInMemory, stream: str) -> list[int]:
    return [event["version"] for event in log.events() if event["stream"] == stream]


def test_approved_orders_are_invoiced_in_order_in_one_append():
    log = LogInMemory()
    orders = [approve(log) for _ in range(50)]
    log.calls.clear()

    react(log)

    invoices = [event["data"] for event in log.events() if event["stream"] == INVOICES]
    assert [UUID(invoice["order_id"]) for invoice in invoices] == orders
    assert numbers(log, INVOICES) == versions(log, INVOICES) == list(range(1, 51))
    assert log.calls.count("append_many") == 1


def test_an_order_is_invoiced_once_however_often_it_is_reacted_to():
    log = LogInMemory()
    approve(log)
    react(log)
    approve(log)

    react(log)
    react(log)

    assert numbers(log, INVOICES) == [1, 2]


def test_somebody_elses_invoice_in_the_last_moment_takes_no_number_twice():
    log = LogInMemory()
    mine, _ = approve(log), approve(log)
    log.before_append = lambda: react(log)

    react(log)

    assert numbers(log, INVOICES) == versions(log, INVOICES) == [1, 2]
    assert next(event["data"]["order_id"] for event in log.events() if event["stream"] == INVOICES) == str(mine)


def test_an_invoice_is_dated_by_the_approval():
    log = LogInMemory()
    approve(log)
    log.commits[0]["meta"]["at"] = "2025-12-31T23:59:59.999Z"

    react(log)

    (invoice,) = [event["data"] for event in log.events() if event["stream"] == "invoices-2025"]
    assert (invoice["year"], invoice["number"], invoice["issued_at"]) == (2025, 1, "2025-12-31T23:59:59.999Z")


def test_a_cancelled_order_gets_a_credit_note_for_its_invoice():
    log = LogInMemory()
    approve(log)
    order_id = approve(log)
    react(log)
    seen = len(log.commits)
    cancel(log, order_id)

    react(log, after=seen)

    (note,) = [event["data"] for event in log.events() if event["stream"] == CREDIT_NOTES]
    assert (note["number"], note["invoice_year"], note["invoice_number"]) == (1, 2026, 2)
    assert note["order_id"] == str(order_id)
    assert log.commits[-1]["command_id"] == f"credit-note:{order_id}"


def test_an_order_approved_and_cancelled_in_one_batch_gets_both_documents():
    log = LogInMemory()
    cancel(log, approve(log))

    react(log)

    assert (numbers(log, INVOICES), numbers(log, CREDIT_NOTES)) == ([1], [1])


def test_a_cancelled_order_that_was_never_approved_gets_no_document():
    log = LogInMemory()
    cancel(log, uuid4(), was_approved=False)

    react(log)

    assert len(log.commits) == 1


def test_a_missing_invoice_is_a_fault_and_not_silently_passed():
    log = LogInMemory()
    cancel(log, uuid4())

    with pytest.raises(ReactionFailed):
        react(log)
