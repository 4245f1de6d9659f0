"""HTTP in front of the services: the only door for websites and apps.

Owns: nothing; it knows who asks for two seconds. Publishes: nothing. Reacts to: nothing.
Asks: customers, products, orders, accounting and the event store, by RPC.

`service.py` is made of the routes in `resources/`; `routes.py` says what a route is; `boundary/` lets requests in.
"""
