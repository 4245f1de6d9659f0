"""/openapi.json and /docs: the API description, for programs and for people."""

from functools import cache
from pathlib import Path
from typing import Any

import orjson
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from gateway_svc.calls import Call
from gateway_svc.openapi import describe
from gateway_svc.routes import Access, route
from shop.service.settings import ShopSettings

STATIC = Path(__file__).parent.parent / "static"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FILES = {
    "docs.css": "text/css; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
}


class DocsRoutes:
    settings = ShopSettings()

    @route("GET", "/openapi.json", access=Access.ANYONE, described=False)
    def get_openapi(self, _call: Call) -> Response:
        """Get the OpenAPI description."""
        service: Any = type(self)
        return _public(_openapi(service, self.settings.currency), "application/json")

    @route("GET", "/docs", access=Access.ANYONE, described=False)
    def get_docs(self, _call: Call) -> Response:
        """Browse the OpenAPI description and try it out."""
        page = _public(_read("docs.html"), "text/html; charset=utf-8")
        page.headers["Content-Security-Policy"] = PAGE_POLICY
        page.headers["Referrer-Policy"] = "no-referrer"
        return page

    @route("GET", "/docs/<name>", access=Access.ANYONE, described=False)
    def get_docs_file(self, _call: Call, name: str) -> Response:
        """A script or style sheet of the page."""
        if name not in FILES:
            raise NotFound
        return _public(_read(name), FILES[name])


@cache
def _openapi(service: type, currency: str) -> bytes:
    return orjson.dumps(describe(service, currency))


@cache
def _read(name: str) -> bytes:
    return (STATIC / name).read_bytes()


def _public(content: bytes, content_type: str) -> Response:
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return Response(content, content_type=content_type, headers=headers)
