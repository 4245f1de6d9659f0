"""Who is visiting: the session cookie, and views that need a log-in."""

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
    """Somebody who has logged in.

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
    """Who has logged in with this browser; None for a visitor, also when the log-in is too long ago."""
    if "user" not in g:
        g.user = _user_in_session()
    user: User | None = g.user
    return user


def remember(user: User) -> None:
    """Keep the user logged in with this browser."""
    session[USER] = {
        "username": user.username,
        "role": user.role,
        "token": user.token,
        "expires_at": user.expires_at,
    }
    g.user = user


def forget() -> None:
    """Let this browser be a visitor's again. What is not the user's own (the cart, the language) stays."""
    session.pop(USER, None)
    g.user = None


def login_required(view: View) -> View:
    """Views for users only; visitors are asked to log in, and then come back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if current_user() is None:
            return ask_to_log_in(_("Please log in first."))
        return view(*args, **kwargs)

    guarded.is_private = True  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def is_private_view() -> bool:
    """Whether the request is for a page that nobody else may see."""
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "is_private", False))


def ask_to_log_in(why: str) -> Response:
    """Lead to the log-in, and from there back to the page that was asked for, or that the form was on."""
    if is_fragment():
        # The page around it goes there, not the part of it that was to be renewed.
        return Response(status=204, headers={"HX-Redirect": url_for("web.log_in", next=_this_page())})
    flash(why, "info")
    return redirect(url_for("web.log_in", next=_this_page()), code=303)


def way_back() -> str | None:
    """Where a log-in or a registration that is begun on this page leads to in the end; None for the home page."""
    home = url_for(current_app.config["HOME"])
    is_page = request.method == "GET" and request.endpoint is not None and not is_private_view()
    return local_path(request.full_path.rstrip("?"), home) if is_page and request.path != home else None


def is_fragment() -> bool:
    """Whether htmx asks, for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def local_path(text: str | None, default: str) -> str:
    """The text, if it is a path on this site; anything else could lead elsewhere after a log-in."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")) or not text.isprintable():
        return default
    parts = urlsplit(text)
    return default if parts.scheme or parts.netloc else text


def client_address() -> str:
    """Where the request comes from."""
    proxies: Proxies = current_app.extensions["proxies"]
    return proxies.client_of(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""))


def _user_in_session() -> User | None:
    kept = session.get(USER)
    user = User(**kept) if isinstance(kept, dict) else None
    return None if user is None or user.has_expired else user


def _this_page() -> str:
    """The page that the browser shows, for a form or a fragment: that on which it is."""
    if request.method == "GET" and not is_fragment():
        return local_path(request.full_path.rstrip("?"), "/")
    origin = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    path = f"{origin.path}?{origin.query}" if origin.query else origin.path
    return local_path(path, "/") if origin.netloc == request.host else "/"
