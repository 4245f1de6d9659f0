"""Error pages, with advice on the next step."""

import logging

from flask import Flask, make_response, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from shop.http.client import GatewayUnavailable, Problem
from shop.web.phrases import told
from shop.web.visitor import ask_to_log_in, forget, is_fragment

RETRY_AFTER = "5"
"""Seconds for the header Retry-After, when the gateway did not answer."""

TITLES = {
    400: _l("That did not work"),
    403: _l("Access denied"),
    404: _l("Page not found"),
    405: _l("Page cannot be opened directly"),
    413: _l("Request too large"),
    429: _l("Too many attempts"),
    500: _l("Something went wrong"),
    503: _l("Temporarily unavailable"),
}
ADVICE = {
    400: _l("We could not read the request from your browser. Go back, reload the page and try again."),
    403: _l("You do not have permission to view this page."),
    404: _l("Check the address. The page may have been removed."),
    405: _l("This address only accepts form submissions. Start from the home page."),
    413: _l("Your browser sent more data than the shop accepts."),
    429: _l("Please wait a moment and try again."),
    500: _l("The error is on our side and has been logged. Please try again later."),
    503: _l("The shop is not responding right now. Please try again in a few seconds."),
}

log = logging.getLogger(__name__)


def explain(site: Flask) -> None:
    """Set up the error pages."""
    site.register_error_handler(Problem, _refused)
    site.register_error_handler(GatewayUnavailable, _unavailable)
    site.register_error_handler(CSRFError, _form_expired)
    site.register_error_handler(HTTPException, _failed)
    site.register_error_handler(Exception, _broken)


def error_page(status: int, advice: str = "", trace_id: str = "") -> Response:
    """An error page for an HTTP status. Makes no calls to the gateway."""
    known = status if status in TITLES else (400 if status < 500 else 500)
    page = render_template(
        "web/error.html", status=status, title=TITLES[known], advice=advice or ADVICE[known], trace_id=trace_id
    )
    return make_response(page, status)


def _refused(problem: Problem) -> Response:
    """The page for a problem that no view has handled."""
    if problem.status == 401:
        forget()
        return ask_to_log_in(_("Your session has expired. Please log in again."))
    if problem.status in (403, 404, 429):
        return error_page(problem.status)
    if problem.status >= 500:
        log.error("the gateway failed: %s (trace id %s)", problem, problem.trace_id)
        return error_page(500, trace_id=problem.trace_id)
    return error_page(problem.status, advice=told(problem))


def _unavailable(error: GatewayUnavailable) -> Response:
    log.warning("the gateway does not answer: %s", error)
    page = error_page(503) if not is_fragment() else Response(status=503)
    page.headers["Retry-After"] = RETRY_AFTER
    return page


def _form_expired(error: CSRFError) -> Response:
    log.info("form refused: %s", error.description)
    return error_page(
        400,
        advice=_(
            "The form has expired, or your browser blocks cookies for this site. "
            "Go back, reload the page and submit the form again."
        ),
    )


def _failed(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    page = error_page(error.code)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            page.headers[name] = value
    return page


def _broken(error: Exception) -> Response:
    log.error("request failed", exc_info=error)
    return error_page(500)
