"""The storefront: customers browse, order, track their orders and edit their profile.

Owns: nothing; the cart and the login are in the visitor's cookies. Calls: the gateway alone, over HTTP.

`app.py` creates the site; `views/` has a module for each part of it; `python -m storefront_web` runs it alone.
"""
