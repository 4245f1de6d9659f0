"""What both websites stand on: Flask set up safely, calls to the gateway, log-in, forms, pictures, layout and style.

Imports: `shop.http`, `shop.text`, and nothing that services stand on: a website knows the gateway's HTTP API alone.
Start with `site.py`: a site is `create_site(...)` with the site's own blueprints and templates on top.
"""
