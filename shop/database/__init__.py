"""SQL engines, and the fast path to SQLite that the log and the read models share.

Imports: nothing of ours but `shop.contracts`. Start with `engines.py`.
"""
