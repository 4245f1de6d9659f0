"""The back office: managers edit products, customers, orders and invoices, and inspect the shop's past.

Owns: nothing; the login is in the visitor's cookie. Calls: the gateway alone, over HTTP.

`app.py` creates the site; `views/` has a module for each part of it; `python -m backoffice_web` runs it alone.
"""
