"""The basis of both websites: a secure Flask setup, calls to the gateway, login, forms, pictures, layout and style.

Imports: `shop.http` and `shop.text`, nothing of the services: a website depends on the gateway's HTTP API alone. Start
with `site.py`: a site is `create_site(...)` with the site's own blueprints and templates on top.
"""
