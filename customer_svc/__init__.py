"""Customers, their credentials, sessions and credit."""
