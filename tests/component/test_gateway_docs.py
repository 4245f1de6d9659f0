"""The page that people read: served from the clone, complete, and without anything that its policy forbids."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway_svc.resources.docs import FILES, STATIC

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")


def test_the_page_and_all_its_parts_are_there(gateway):
    page = gateway("GET", "/docs")

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    for name, content_type in FILES.items():
        part = gateway("GET", f"/docs/{name}")
        assert (part.status_code, part.headers["Content-Type"]) == (200, content_type)
        assert part.content == (STATIC / name).read_bytes()


def test_the_page_refers_to_nothing_elsewhere():
    for name in ("docs.html", "docs.js", "docs.css"):
        assert "//" not in (STATIC / name).read_text().replace("http://www.w3.org", "")


def test_what_is_not_ours_comes_with_its_licence():
    assert "Apache License" in (STATIC / "swagger-ui.LICENSE").read_text()


@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium")
def test_a_browser_shows_every_operation(gateway):
    described = gateway("GET", "/openapi.json").json()["paths"]

    seen = browse(gateway.url)

    assert seen["operations"] == sum(len(operations) for operations in described.values())
    assert seen["complaints"] == []
    assert [url for url in seen["requests"] if not url.startswith((gateway.url, "data:"))] == []


def browse(url):
    """The page as the browser renders it, in a process of its own: Playwright and eventlet do not mix."""
    command = [sys.executable, "-m", "tests.component.support.gateway_browser", url, str(CHROMIUM)]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)
