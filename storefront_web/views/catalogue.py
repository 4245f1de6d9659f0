"""The catalogue: all products with search, filters and sorting, and each product's own page."""

from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from shop.http.client import Json, Problem
from shop.web import calls
from shop.web.searching import search_text

catalogue = Blueprint("catalogue", __name__)

SORTS = {
    "name": _l("Name: A to Z"),
    "-name": _l("Name: Z to A"),
    "price": _l("Price: low to high"),
    "-price": _l("Price: high to low"),
    "-added": _l("Newest first"),
}
ON_A_PAGE = 24
RELATED = 4
FEW_CATEGORIES = 12
"""Categories shown at once; more would displace the products."""


@dataclass(frozen=True, kw_only=True)
class ProductFilter:
    """A visitor's search in the catalogue. Invalid values count as not given."""

    q: str = ""
    category: str = ""
    in_stock: bool = False
    sort: str = "name"
    after: str = ""

    @property
    def query(self) -> dict[str, Any]:
        """Query parameters of values that are not default."""
        given = {name: value for name, value in asdict(self).items() if value}
        if self.in_stock:
            given["in_stock"] = "true"
        return {name: value for name, value in given.items() if (name, value) != ("sort", "name")}

    def but(self, **changes: Any) -> dict[str, Any]:
        """The query with other values, from its first page on."""
        return replace(self, **({"after": ""} | changes)).query


@catalogue.get("/products")
def show() -> Response | str:
    wanted = _wanted()
    try:
        page = calls.read("/v1/products", **asdict(wanted), limit=ON_A_PAGE)
    except Problem as problem:
        if problem.status == 422 and wanted.after:  # an invalid cursor
            return redirect(url_for("catalogue.show", **wanted.but()))
        raise
    known = calls.read_all("/v1/categories")
    chosen = next((one for one in known if one["id"] == wanted.category.lower()), None)
    categories = [one for one in known if one["products"] or one is chosen]
    return render_template(
        "catalogue.html",
        page=page,
        wanted=wanted,
        sorts=SORTS,
        categories=categories,
        are_few=len(categories) <= FEW_CATEGORIES,
        chosen=chosen,
    )


@catalogue.get("/products/<uuid:product_id>")
def show_product(product_id: UUID) -> str:
    return product_page(calls.read(f"/v1/products/{product_id}"))


def product_page(product: Json, quantity: str = "1", wrong: str = "") -> str:
    """Args: quantity: the field's value. wrong: the field's error message."""
    others = calls.read("/v1/products", category=product["category"]["id"], limit=RELATED + 1)["items"]
    related = [one for one in others if one["id"] != product["id"]][:RELATED]
    return render_template("product.html", product=product, related=related, quantity=quantity, wrong=wrong)


def _wanted() -> ProductFilter:
    given = request.args
    return ProductFilter(
        q=search_text(),
        category=given["category"] if _is_id(given.get("category", "")) else "",
        in_stock="in_stock" in given,
        sort=given["sort"] if given.get("sort") in SORTS else "name",
        after=given.get("after", ""),
    )


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
