"""The home page."""

from flask import Blueprint, render_template

from shop.web import calls
from storefront_web.views.catalogue import FEW_CATEGORIES

home = Blueprint("home", __name__)

NEW_PRODUCTS = 8
LARGEST_CATEGORIES = 6


@home.get("/")
def show() -> str:
    """Categories, the largest ones if there are many, and the latest products."""
    categories = [one for one in calls.read_all("/v1/categories") if one["products"]]
    newest = calls.read("/v1/products", sort="-added", limit=NEW_PRODUCTS)["items"]
    shown = categories
    if len(categories) > FEW_CATEGORIES:
        shown = sorted(categories, key=lambda one: one["products"], reverse=True)[:LARGEST_CATEGORIES]
    return render_template("home.html", categories=categories, shown=shown, newest=newest)
