"""The home page."""

from flask import Blueprint, render_template

from shop.web import calls

home = Blueprint("home", __name__)

NEW_PRODUCTS = 8


@home.get("/")
def show() -> str:
    """Categories, and what was added last."""
    categories = [one for one in calls.read_all("/v1/categories") if one["products"]]
    newest = calls.read("/v1/products", sort="-added", limit=NEW_PRODUCTS)["items"]
    return render_template("home.html", categories=categories, newest=newest)
