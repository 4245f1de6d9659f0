"""The common base of services, before any message or database: settings, logs, identity, validation.

Imports: `shop.contracts`, `shop.http`, `shop.text`. Start with `settings.py`, which reads the configuration once.
"""
