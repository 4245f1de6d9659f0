"""Security headers, cookies and protection of forms."""

from ipaddress import ip_address
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf import CSRFProtect

from shop.web.visitor import current_user, is_private_view

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LARGEST_BODY = 64 * 1024
LARGEST_FORM_FIELDS = 500
KEPT_DAYS = 30
"""Lifetime of the cart's cookie; the gateway decides when a login ends."""


class _Sessions(SecureCookieSessionInterface):
    """Session cookies with `Secure`, except for a shop on the same machine."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's signature
        return not is_on_loopback(request)


def protect(site: Flask, *, cookie: str) -> None:
    """Set up cookies, forms and the headers of all answers.

    Args:
        cookie: the session cookie's name. Browsers do not tell ports apart, so each site needs its own.
    """
    site.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_PARTS=LARGEST_FORM_FIELDS,
        PERMANENT_SESSION_LIFETIME=KEPT_DAYS * 86_400,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_NAME=cookie,
        SESSION_COOKIE_SAMESITE="Lax",
        # An answer that changes nothing must not overwrite a change of the cart in another tab.
        SESSION_REFRESH_EACH_REQUEST=False,
        # A form is valid for as long as the session lasts.
        WTF_CSRF_TIME_LIMIT=None,
        # Our pages send no referrer to other sites, and some browsers send none at all.
        WTF_CSRF_SSL_STRICT=False,
    )
    site.session_interface = _Sessions()
    site.extensions["csrf"] = CSRFProtect(site)
    site.after_request(_add_headers)


def is_on_loopback(asked: Request) -> bool:
    """Whether the client is on the same machine."""
    host = asked.host.rpartition(":")[0] if asked.host.rpartition(":")[2].isdecimal() else asked.host
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _add_headers(response: Response) -> Response:
    headers: Any = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    if response.direct_passthrough or "Cache-Control" in headers:
        return response
    # Every page shows the user and the cart.
    is_secret = is_private_view() or current_user() is not None or response.status_code >= 400
    headers["Cache-Control"] = "no-store" if is_secret else "private, no-cache"
    return response
