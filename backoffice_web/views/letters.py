"""Dead letters: events that a service could not handle, and their retries."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backoffice_web.listing import page_of
from shop.http.client import Problem
from shop.web.forms import Form, send

letters = Blueprint("letters", __name__)


@letters.get("/dead-letters")
def list_all() -> str:
    return render_template("letters.html", page=page_of("/v1/dead-letters"), form=Form(formdata=None))


@letters.post("/dead-letters/<int:letter_id>/retry")
def retry(letter_id: int) -> Response:
    try:
        send(Form(), "POST", f"/v1/dead-letters/{letter_id}/retry", {})
        flash(_("Retry started, including all waiting events of this order."), "success")
    except Problem as problem:
        if problem.status != 404:
            raise
        flash(_("This event has already been processed."), "info")
    return redirect(url_for("letters.list_all"), code=303)
