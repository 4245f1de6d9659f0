"""Views of both sites: login and logout, the language, pictures, and the health check."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from shop.http.client import GatewayError, Problem
from shop.web import calls
from shop.web.formats import LANGUAGE, LANGUAGES, language
from shop.web.forms import Form, filled
from shop.web.pictures import picture
from shop.web.visitor import User, current_user, forget, local_path, remember

web = Blueprint("web", __name__, static_folder="static", template_folder="templates", static_url_path="/static/web")

A_YEAR = "public, max-age=31536000, immutable"


class LogIn(Form):
    username = StringField(_l("Username"), [filled()])
    password = PasswordField(_l("Password"), [filled()])


@web.route("/login", methods=["GET", "POST"])
def log_in() -> Response | tuple[str, int] | str:
    form = LogIn()
    onwards = local_path(request.values.get("next"), url_for(current_app.config["HOME"]))
    if request.method == "GET":
        return redirect(onwards) if current_user() else _log_in_page(form, onwards)
    if form.validate() and _logged_in(form):
        return redirect(onwards, code=303)
    return _log_in_page(form, onwards), 422


@web.post("/logout")
def log_out() -> Response:
    """Clear the site's cookies except the language: the next person at this browser may be another one."""
    chosen = language()
    if user := current_user():
        _end(user)
    session.clear()
    forget()
    session[LANGUAGE] = chosen
    flash(current_app.extensions["say_goodbye"](), "success")
    return redirect(url_for(current_app.config["HOME"]), code=303)


@web.post("/language")
def choose_language() -> Response:
    if request.form.get("language") in LANGUAGES:
        session[LANGUAGE] = request.form["language"]
    return redirect(local_path(request.form.get("next"), "/"), code=303)


@web.get("/pictures/<name>.svg")
def show_picture(name: str) -> Response:
    """A product's picture. Its name determines its content, so it can be cached for ever."""
    drawn = picture(name)
    if drawn is None:
        raise NotFound
    headers = {"Cache-Control": A_YEAR, "Content-Security-Policy": "default-src 'none'"}
    return Response(drawn, content_type="image/svg+xml", headers=headers)


@web.get("/healthz")
def show_health() -> Response:
    return Response("ok\n", content_type="text/plain")


def say_goodbye() -> str:
    """The message after a logout."""
    return str(_("You have been logged out."))


def start_session(username: str, password: str) -> User:
    """Log a user in.

    Raises:
        Problem: the password is wrong, there were too many tries, or the user's role does not fit this site (403).
        GatewayUnavailable.
    """
    started = calls.write("POST", "/v1/sessions", {"username": username, "password": password})
    user = User(**{name: started[name] for name in ("username", "role", "token", "expires_at")})
    if user.role != current_app.config["ROLE"]:
        _end(user)
        raise Problem(403, "wrong-site", str(current_app.config["WRONG_ROLE"]))
    session.permanent = True
    remember(user)
    return user


def _logged_in(form: LogIn) -> bool:
    try:
        user = start_session((form.username.data or "").strip(), form.password.data or "")
    except Problem as problem:
        form.take(problem)
        return False
    flash(_("Welcome, %(name)s.", name=user.username), "success")
    return True


def _end(user: User) -> None:
    """Invalidate the user's token, if the gateway can be reached; the browser's session is cleared in any case."""
    remember(user)
    try:
        calls.write("DELETE", "/v1/sessions/current")
    except GatewayError as error:
        current_app.logger.info("a session is left to end by itself: %s", error)
    finally:
        forget()


def _log_in_page(form: LogIn, onwards: str) -> str:
    return render_template("web/log_in.html", form=form, onwards=onwards)


for private in (log_in, log_out):
    private.is_private = True  # type: ignore[attr-defined]
