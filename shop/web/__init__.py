"""What both websites stand on: Flask set up safely, calls to the gateway, log-in, forms, pictures, layout and style.

A site is `create_site(...)` with the site's own blueprints and templates on top. It knows nothing of ours but this
package and `shop.http_client`.
"""
