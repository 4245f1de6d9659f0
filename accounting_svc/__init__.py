"""Invoices, credit notes and revenue."""
