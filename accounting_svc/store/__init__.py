"""The accounting read model, in SQL or in CouchDB."""

from accounting_svc.store.couchdb import CouchInvoices
from accounting_svc.store.port import Invoices
from accounting_svc.store.shape import credit_note_row, invoice_row
from accounting_svc.store.sql import SqlInvoices

__all__ = ["CouchInvoices", "Invoices", "SqlInvoices", "credit_note_row", "invoice_row"]
