"""Makes the site."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from shop.http_client import GatewayClient
from shop.web.settings import SiteSettings
from shop.web.site import About, create_site
from storefront_web import cart as contents
from storefront_web.views import account, cart, catalogue, checkout, home, invoices, orders

ABOUT = About(
    name="Nameko Shop",
    cookie="storefront_session",
    role="customer",
    wrong_role=_l("This account manages the shop. Please use the back office, or log in as a customer."),
    home="home.show",
)

BLUEPRINTS = (
    home.home,
    catalogue.catalogue,
    cart.cart,
    checkout.checkout,
    orders.orders,
    invoices.invoices,
    account.account,
)


def create_app(settings: SiteSettings, gateway: GatewayClient | None = None) -> Flask:
    """The storefront as a WSGI application.

    Args:
        gateway: takes the place of the one in the settings.
    """
    site = create_site("storefront_web", settings, ABOUT, gateway)
    site.jinja_env.globals["cart_size"] = contents.size
    for blueprint in BLUEPRINTS:
        site.register_blueprint(blueprint)
    return site
