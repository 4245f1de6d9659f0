"""Documents made beside the event loop: they take many milliseconds, and requests must not wait."""

from typing import Any

from eventlet import tpool
from eventlet.semaphore import Semaphore

Json = dict[str, Any]

_ONE_AT_A_TIME = Semaphore(1)
"""ReportLab shares its fonts between threads, and several at once would only take the processor from each other."""


def make_invoice_pdf(invoice: Json) -> bytes:
    """The PDF of an invoice in the form of RPC, made in another thread."""
    # Imported when the first one is wanted, and not in the other thread: the shop starts faster without it.
    from gateway_svc.documents.invoice import invoice_pdf

    with _ONE_AT_A_TIME:
        made: bytes = tpool.execute(invoice_pdf, invoice)
    return made
