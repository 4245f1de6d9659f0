"""SQL engines, and the fast path to SQLite that the log and the read models share.

Imports: `shop.contracts` alone of our code. Start with `engines.py`.
"""
