"""A visitor of one of the websites, without a browser."""

import re
from html import unescape

import requests

from tests.support.waiting import LIMIT

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Website:
    """A visitor of the site at this address, who keeps cookies.

    Args:
        address: host:port.
    """

    def __init__(self, address: str) -> None:
        self._url = f"http://{address}"
        self._session = requests.Session()
        self._session.trust_env = False

    def get(self, path: str) -> requests.Response:
        return self._session.get(self._url + path, timeout=LIMIT)

    def get_alone(self, path: str) -> requests.Response:
        """As `get`, over a connection of its own, while others are under way, and without following where it leads."""
        cookies = self._session.cookies.get_dict()
        return requests.get(self._url + path, cookies=cookies, timeout=LIMIT, allow_redirects=False)

    def send(self, path: str, *, seen_on: str, **fields: str) -> requests.Response:
        """Send a form that the page `seen_on` has; where it leads is followed."""
        token = TOKEN.search(self.get(seen_on).text)
        assert token, f"{seen_on} has no form"
        form = fields | {"csrf_token": unescape(token[1])}
        return self._session.post(self._url + path, data=form, timeout=LIMIT)

    def log_in(self, username: str, password: str) -> "Website":
        answer = self.send("/login", seen_on="/login", username=username, password=password)
        assert answer.ok, answer.text
        return self
