"""A browser's tab that notes everything a visitor must never be shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import APIResponse, ConsoleMessage, Page, Request, Response

AXE = (Path(__file__).parents[2] / "axe" / "axe.min.js").read_text(encoding="utf-8")

COLOURS = ("color-contrast", "link-in-text-block")
LANGUAGES = ("html-has-lang", "html-lang-valid", "valid-lang", "document-title")
"""Rules of axe that another look of the same page can break."""

PHONE, TWO_ROWS = 390, 112
"""Pixels."""

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]


@dataclass
class Watch:
    """The errors on a page while a test used it.

    Args:
        expected: answers that the test asks for, by status; the browser complains about them in its console.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        self.page.on("request", self._note_request)
        self.page.on("response", self._note_response)

    def _note_message(self, message: ConsoleMessage) -> None:
        is_status = message.text.startswith("Failed to load resource") and any(
            f" {status} " in message.text for status in self.expected
        )
        if message.type in ("error", "warning") and not is_status:
            self.complaints.append(f"console: {message.text}")  # reports of the Content-Security-Policy, too

    def _note_request(self, request: Request) -> None:
        here = urlsplit(self.page.url).netloc
        there = urlsplit(request.url)
        if there.scheme in ("http", "https") and here and there.hostname != urlsplit(self.page.url).hostname:
            self.complaints.append(f"asked elsewhere: {request.url}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.complaints.append(f"{response.status} for {response.request.method} {response.url}")


def violations(page: Page, *rules: str) -> Sequence[str]:
    """Faults of accessibility that axe finds on the page, a line for each element; by these of its rules, or by all."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate("async options => (await axe.run(options)).violations", options)
    return [
        f"{page.url}: {violation['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for violation in found
        for node in violation["nodes"]
    ]


def by_day_and_night(page: Page) -> Sequence[str]:
    """Violations that axe finds in light colours, by all of its rules, and in dark ones, by those about colours."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")  # or colours fade from one into the other
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    return [*found, *violations(page, *COLOURS)]


def misfits(page: Page, widths: Sequence[int]) -> Sequence[str]:
    """Parts that are too wide for a window of one of these widths, or broken there."""
    found: list[str] = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        found += [*filter(None, [is_wider_than_the_window(page), *header_troubles(page)]), *broken_words(page)]
    return found


def header_troubles(page: Page) -> Sequence[str]:
    """Whether the header of a phone of usual width has more than two rows."""
    height = page.evaluate("document.querySelector('.site-header').offsetHeight")
    is_phone = page.viewport_size is not None and page.viewport_size["width"] == PHONE
    return [f"{page.url}: the header is {height} px high"] if is_phone and height > TWO_ROWS else []


def broken_words(page: Page) -> Sequence[str]:
    """Short words and numbers that go on in the next line, since there is too little room for them."""
    script = """() => {
      const found = [], range = document.createRange();
      const isClipped = element => getComputedStyle(element).clipPath !== "none";
      const isHidden = element => element && (isClipped(element) || isHidden(element.parentElement));
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) {
        const node = walk.currentNode;
        if (node.parentElement.closest("script, noscript, code, pre")) continue;
        if (!node.parentElement.checkVisibility()) continue;
        for (const word of node.data.matchAll(/\\p{N}[\\p{N}.,]*|\\p{L}+/gu)) {
          if (word[0].length > 14) continue;
          range.setStart(node, word.index);
          range.setEnd(node, word.index + word[0].length);
          const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top)));
          if (lines.size > 1 && !isHidden(node.parentElement))
            found.push(`${word[0]} in ${node.parentElement.outerHTML.slice(0, 80)}`);
        }
      }
      return found.slice(0, 5);
    }"""
    return [f"{page.url} at {page.viewport_size}: {word}" for word in page.evaluate(script)]


def is_wider_than_the_window(page: Page) -> str:
    """The elements that make the page scroll sideways; empty if none does."""
    script = """() => {
      const wide = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= wide) return "";
      const guilty = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > wide + 1);
      return guilty.slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join("\\n") || "something";
    }"""
    found: str = page.evaluate(script)
    return found and f"{page.url} at {page.viewport_size}: {found}"


def pages_not_in(paths: Iterable[str], site: Flask) -> set[str]:
    """The endpoints of a site that none of the paths leads to; but for those that are no pages on either site."""
    addresses = site.url_map.bind("site")
    reached = {addresses.match(urlsplit(path).path)[0] for path in paths}
    endpoints = {rule.endpoint for rule in site.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return endpoints - reached - {"static", "web.static", "web.show_picture", "web.show_health"}


def printed_controls(page: Page) -> list[str]:
    """Controls that the page would print although paper has no use for them: header, footer, page links, buttons."""
    page.emulate_media(media="print")
    controls = page.locator("header.site-header, footer, nav, button, .button, .filters, summary, .skip-link")
    return [control.evaluate("e => e.outerHTML.slice(0, 80)") for control in controls.all() if control.is_visible()]


def forms_on(page: Page) -> list[dict[str, Any]]:
    """Each form's `action`, `method` and `fields`."""
    forms: list[dict[str, Any]] = page.evaluate("""() => [...document.forms].map(form => ({
        action: form.action, method: form.method, fields: Object.fromEntries(new FormData(form))
    }))""")
    return forms


def send(page: Page, form: dict[str, Any], value: str) -> APIResponse:
    """Send a form with this value in all its fields, past whatever the browser would check before."""
    fields = {name: text if name == "csrf_token" else value for name, text in form["fields"].items()}
    if form["method"] == "post":
        return page.request.post(form["action"], form=fields)
    return page.request.get(form["action"], params=fields)
