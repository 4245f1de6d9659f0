"""The audit's page."""

from flask import Blueprint, render_template

from shop.http.client import GatewayUnavailable
from shop.web import calls

audit = Blueprint("audit", __name__)


@audit.get("/audit")
def show() -> str:
    """The last result; for a moment after a start there is none."""
    try:
        result = calls.read("/v1/audit")
    except GatewayUnavailable:
        result = None
    return render_template("audit.html", result=result)
