"""HTTP API of the shop: the only entry for websites and apps.

Owns: nothing; it caches identities for two seconds. Publishes: nothing. Reacts to: nothing.
Calls: customers, products, orders, accounting and the event store, by RPC.

`service.py` combines the routes in `resources/`; `routes.py` defines routes; `boundary/` reads requests.
"""
