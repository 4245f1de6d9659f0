"""What a service needs before it sends a message or opens a database: settings, logs, identity, validation.

Imports: `shop.contracts`, `shop.http`, `shop.text`. Start with `settings.py`, which reads the configuration once.
"""
