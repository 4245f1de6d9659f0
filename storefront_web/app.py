"""Creates the site."""

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shop.http.client import GatewayClient
from shop.web.settings import SiteSettings
from shop.web.site import About, create_site
from storefront_web import cart as contents
from storefront_web import cart_cookies
from storefront_web.views import account, cart, catalogue, checkout, home, invoices, orders


def _say_goodbye() -> str:
    """Clear the cart: it is private, and the next person at this browser may be another one."""
    emptied = contents.empty()
    return _("You have been logged out, and your cart has been emptied.") if emptied else _("You have been logged out.")


ABOUT = About(
    name="Nameko Shop",
    cookie="storefront_session",
    role="customer",
    wrong_role=_l("This is a manager account. Use the back office, or log in with a customer account."),
    home="home.show",
    say_goodbye=_say_goodbye,
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
        gateway: replaces the one in the settings.
    """
    site = create_site("storefront_web", settings, ABOUT, gateway)
    site.jinja_env.globals["cart_size"] = contents.size
    site.after_request(cart_cookies.save)
    for blueprint in BLUEPRINTS:
        site.register_blueprint(blueprint)
    return site
