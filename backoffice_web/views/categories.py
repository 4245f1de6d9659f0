"""Categories: the list, and a form to rename one."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backoffice_web.forms import Category, sent, text_of
from shop.http.client import Json
from shop.web import calls
from shop.web.edits import Versioned, save
from shop.web.phrases import KINDS

categories = Blueprint("categories", __name__)

Page = Response | str | tuple[str, int]


@categories.get("/categories")
def list_all() -> str:
    return _list(Category(formdata=None))


@categories.post("/categories")
def add() -> Page:
    form = Category()
    if form.validate():
        category = sent(form, "POST", "/v1/categories", {"name": text_of(form.name)})
        if category is not None:
            flash(_("Category %(name)s added.", name=category["name"]), "success")
            return redirect(url_for("categories.list_all"), code=303)
    return _list(form), 422


@categories.get("/categories/<uuid:category_id>")
def show(category_id: UUID) -> str:
    return _page(category_id)


@categories.post("/categories/<uuid:category_id>")
def rename(category_id: UUID) -> Page:
    form, path = Category(), f"/v1/categories/{category_id}"
    if form.validate():
        category = save(form, path, body=lambda: {"name": text_of(form.name)}, known=_known)
        if category is not None:
            flash(_("Category renamed to %(name)s.", name=category["name"]), "success")
            return redirect(url_for("categories.list_all"), code=303)
    return _page(category_id, details=form), 422


@categories.get("/categories/<uuid:category_id>/removal")
def ask_to_remove(category_id: UUID) -> Page:
    """The page that asks for a confirmation."""
    category = calls.read(f"/v1/categories/{category_id}")
    if category["products"]:
        flash(KINDS["category-in-use"], "error")
        return redirect(url_for("categories.show", category_id=category_id), code=303)
    return render_template("category_removal.html", category=category, form=Versioned(formdata=None, data=category))


@categories.post("/categories/<uuid:category_id>/removal")
def remove(category_id: UUID) -> Page:
    form = Versioned()
    category = calls.read(f"/v1/categories/{category_id}")
    if form.validate() and sent(form, "DELETE", f"/v1/categories/{category_id}") is not None:
        flash(_("Category deleted."), "success")
        return redirect(url_for("categories.list_all"), code=303)
    form.version.data = category["version"]
    return render_template("category_removal.html", category=category, form=form), 422


def _list(form: Category) -> str:
    return render_template("categories.html", categories=calls.read_all("/v1/categories"), form=form)


def _page(category_id: UUID, details: Category | None = None) -> str:
    category = calls.read(f"/v1/categories/{category_id}")
    return render_template("category.html", category=category, details=details or Category.of(*_known(category)))


def _known(category: Json) -> tuple[Json, int]:
    """The form's values, and their version."""
    return category, category["version"]
