"""Invoices, credit notes and revenue.

Purpose: invoices every approved order, issues a credit note when it is cancelled, and sums up the year.
Owns: the streams `invoices-<year>` and `credit-notes-<year>`; a read model of both.
Publishes: InvoiceIssued, CreditNoteIssued.
Reacts to: OrderApproved, OrderCancelled.
"""
