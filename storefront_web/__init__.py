"""The storefront: where customers browse, order, follow their orders and look after their profile.

Owns: nothing; the cart and the log-in are in the visitor's cookie. Asks: the gateway, over HTTP, and nobody else.

`app.py` makes the site; `views/` has a module for each part of it; `python -m storefront_web` serves it alone.
"""
