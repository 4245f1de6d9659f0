"""Makes documents outside the event loop: they take many milliseconds, which would block requests."""

from eventlet import tpool
from eventlet.semaphore import Semaphore

from shop.contracts.views import InvoiceView

_ONE_AT_A_TIME = Semaphore(1)
"""ReportLab shares its fonts between threads, and parallel threads would only compete for the processor."""


def make_invoice_pdf(invoice: InvoiceView) -> bytes:
    """PDF of an invoice in its RPC form, made in another thread."""
    # Imported for the first document, and not in the other thread: the shop starts faster without it.
    from gateway_svc.documents.invoice import invoice_pdf

    with _ONE_AT_A_TIME:
        made: bytes = tpool.execute(invoice_pdf, invoice)
    return made
