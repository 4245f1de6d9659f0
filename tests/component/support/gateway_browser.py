"""Opens /docs in a browser and prints what it saw, as JSON: `python -m … <url of the gateway> <browser>`."""

import json
import sys

from playwright.sync_api import Page, sync_playwright

from tests.support.waiting import MILLISECONDS

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]


def look_at(page: Page, url: str) -> dict[str, object]:
    page.set_default_timeout(MILLISECONDS)
    complaints: list[str] = []
    requests: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{url}/docs")
    page.click(".opblock-patch >> nth=0")
    page.wait_for_selector(".responses-table")
    return {"operations": page.locator(".opblock").count(), "complaints": complaints, "requests": requests}


def main(url: str, browser: str) -> None:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=FLAGS, timeout=MILLISECONDS)
        try:
            sys.stdout.write(json.dumps(look_at(opened.new_page(), url)))
        finally:
            opened.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
