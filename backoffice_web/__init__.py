"""The back office: where managers look after products, customers, orders and invoices, and see into the shop's past.

Owns: nothing; the log-in is in the visitor's cookie. Asks: the gateway, over HTTP, and nobody else.

`app.py` makes the site; `views/` has a module for each part of it; `python -m backoffice_web` serves it alone.
"""
