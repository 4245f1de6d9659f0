"""The visitor: the session cookie, and views that require a login."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shop.http.proxies import Proxies

View = TypeVar("View", bound=Callable[..., Any])

USER = "user"


@dataclass(frozen=True, kw_only=True)
class User:
    """A logged-in user.

    Args:
        expires_at: when the gateway's session ends, ISO 8601.
    """

    username: str
    role: str
    token: str = field(repr=False)
    expires_at: str

    @property
    def has_expired(self) -> bool:
        return datetime.fromisoformat(self.expires_at) <= datetime.now(UTC)


def current_user() -> User | None:
    """The logged-in user; None for a visitor or an expired login."""
    if "user" not in g:
        g.user = _user_in_session()
    user: User | None = g.user
    return user


def remember(user: User) -> None:
    """Store the user in the session cookie."""
    session[USER] = {
        "username": user.username,
        "role": user.role,
        "token": user.token,
        "expires_at": user.expires_at,
    }
    g.user = user


def forget() -> None:
    """Remove the user from the session cookie. The cart and the language stay."""
    session.pop(USER, None)
    g.user = None


def login_required(view: View) -> View:
    """Decorator for views of users only; visitors are redirected to the login and back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if current_user() is None:
            return ask_to_log_in(_("Please log in first."))
        return view(*args, **kwargs)

    guarded.is_private = True  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def is_private_view() -> bool:
    """Whether the page is private to the user."""
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "is_private", False))


def ask_to_log_in(why: str) -> Response:
    """Redirect to the login, and from there back to the requested page, or to the page of the form."""
    if is_fragment():
        # Redirect the whole page, not the fragment.
        return Response(status=204, headers={"HX-Redirect": url_for("web.log_in", next=_this_page())})
    flash(why, "info")
    return redirect(url_for("web.log_in", next=_this_page()), code=303)


def way_back() -> str | None:
    """The page to return to after a login or registration that begins on this page; None for the home page."""
    home = url_for(current_app.config["HOME"])
    is_page = request.method == "GET" and request.endpoint is not None and not is_private_view()
    return local_path(request.full_path.rstrip("?"), home) if is_page and request.path != home else None


def is_fragment() -> bool:
    """Whether htmx requests a fragment of a page."""
    return request.headers.get("HX-Request") == "true"


def local_path(text: str | None, default: str) -> str:
    """The text, if it is a path on this site; otherwise the default, to prevent open redirects."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")) or not text.isprintable():
        return default
    parts = urlsplit(text)
    return default if parts.scheme or parts.netloc else text


def client_address() -> str:
    """The visitor's IP address."""
    proxies: Proxies = current_app.extensions["proxies"]
    return proxies.client_of(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""))


def _user_in_session() -> User | None:
    kept = session.get(USER)
    user = User(**kept) if isinstance(kept, dict) else None
    return None if user is None or user.has_expired else user


def _this_page() -> str:
    """The page shown in the browser; for a form or a fragment, the page around it."""
    if request.method == "GET" and not is_fragment():
        return local_path(request.full_path.rstrip("?"), "/")
    origin = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    path = f"{origin.path}?{origin.query}" if origin.query else origin.path
    return local_path(path, "/") if origin.netloc == request.host else "/"
