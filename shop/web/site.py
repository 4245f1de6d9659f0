"""Creates a site: Flask with the common setup of both websites."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

from flask import Flask, Response, current_app, g, request
from jinja2 import StrictUndefined

from shop.http.client import GatewayClient
from shop.web import formats, pictures, problems, security, views, visitor
from shop.web.settings import SiteSettings

TRANSLATIONS = Path(__file__).parent / "translations"
A_YEAR = 31_536_000
"""Seconds for which browsers may cache static files; their URLs change with their content."""

QUIET = ("web.show_health", "web.show_picture", "web.static", "static")

log = logging.getLogger("shop.web.requests")


@dataclass(frozen=True, kw_only=True)
class About:
    """Differences between the sites.

    Args:
        name: as in page titles.
        cookie: the name of its session cookie.
        role: role of the users who may log in: customer or manager.
        wrong_role: message for users of another role.
        home: the endpoint after a login, by default.
        say_goodbye: clears the site's cookies at a logout, and returns a message.
    """

    name: str
    cookie: str
    role: str
    wrong_role: Any
    home: str
    say_goodbye: Callable[[], str] = views.say_goodbye


def create_site(import_name: str, settings: SiteSettings, about: About, gateway: GatewayClient | None = None) -> Flask:
    """A site without pages of its own. Its templates extend `web/base.html`.

    Args:
        gateway: replaces the one in the settings.
    """
    site = Flask(import_name)
    site.secret_key = settings.secret_key
    site.config.update(ROLE=about.role, WRONG_ROLE=about.wrong_role, HOME=about.home)
    site.extensions["say_goodbye"] = about.say_goodbye
    site.config["SEND_FILE_MAX_AGE_DEFAULT"] = A_YEAR
    site.extensions["proxies"] = settings.proxies
    site.extensions["gateway"] = gateway or GatewayClient(settings.gateway_url)
    site.jinja_env.undefined = StrictUndefined
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    site.jinja_env.globals.update(
        current_user=visitor.current_user, way_back=visitor.way_back, picture_of=pictures.name_of, site_name=about.name
    )
    site.jinja_env.add_extension("jinja2.ext.do")
    formats.speak(site, f"translations;{TRANSLATIONS}")
    security.protect(site, cookie=about.cookie)
    problems.explain(site)
    site.register_blueprint(views.web)
    site.url_defaults(_add_version)
    site.before_request(_begin)
    site.after_request(_note)
    return site


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint.endswith("static") and "filename" in values:
        folder = views.web.static_folder if endpoint == "web.static" else current_app.static_folder
        values["v"] = _version(Path(folder or "") / values["filename"])


@cache
def _version(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()[:12]


def _begin() -> None:
    g.began = perf_counter()


def _note(response: Response) -> Response:
    write = log.debug if request.endpoint in QUIET else log.info
    milliseconds = (perf_counter() - g.began) * 1000 if "began" in g else 0.0
    write("%s %s %s in %.1f ms", request.method, request.path, response.status_code, milliseconds)
    return response
