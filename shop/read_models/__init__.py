"""Databases for reading, filled from the log: one port, and an adapter for each kind of database.

Imports: `shop.database`, `shop.service` and the rooms below them. Start with `read_model.py`, the port; `stores.py`
picks the adapter by the URL in the configuration; `sql/`, `redis/` and `couchdb/` are the adapters.
"""
