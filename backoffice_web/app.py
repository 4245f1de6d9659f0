"""Creates the site."""

from flask import Flask, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from backoffice_web import audit_words, words
from backoffice_web.attention import is_low_stock
from backoffice_web.views import (
    audit,
    categories,
    customers,
    dashboard,
    history,
    invoices,
    letters,
    orders,
    products,
    revenue,
)
from shop.http.client import GatewayClient
from shop.web.settings import SiteSettings
from shop.web.site import About, create_site
from shop.web.visitor import ask_to_log_in, current_user

ABOUT = About(
    name="Nameko Back Office",
    cookie="backoffice_session",
    role="manager",
    wrong_role=_l("The back office requires a manager account."),
    home="dashboard.show",
)

BLUEPRINTS = (
    dashboard.dashboard,
    orders.orders,
    products.products,
    categories.categories,
    customers.customers,
    invoices.invoices,
    revenue.revenue,
    history.history,
    audit.audit,
    letters.letters,
)


def create_app(settings: SiteSettings, gateway: GatewayClient | None = None) -> Flask:
    """The back office as a WSGI application.

    Args:
        gateway: replaces the one in the settings.
    """
    site = create_site("backoffice_web", settings, ABOUT, gateway)
    site.before_request(_managers_only)
    site.jinja_env.filters.update(words.FILTERS | audit_words.FILTERS)
    site.jinja_env.tests["low_stock"] = is_low_stock
    for blueprint in BLUEPRINTS:
        site.register_blueprint(blueprint)
    return site


def _managers_only() -> Response | None:
    """Require a login for all pages but those of the login itself."""
    endpoint = request.endpoint or ""
    if not endpoint or endpoint == "static" or endpoint.startswith("web.") or current_user():
        return None
    if endpoint == ABOUT.home:
        return redirect(url_for("web.log_in"), code=303)
    return ask_to_log_in(_("Please log in first."))
