"""The head of an HTTP/1.1 request: request line and header fields (RFC 9112).

Strict on purpose: if a proxy and the server behind it read the same bytes differently, one client's request can be
smuggled into another's connection (RFC 9112, section 11.2); ambiguous requests are refused.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import BadRequest, ExpectationFailed

TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") ([!-~]+) HTTP/1\.([01])")
FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*([\t -~\x80-\xff]*?)[ \t]*")
ORIGIN = re.compile(r"https?://[^/?#]+", re.IGNORECASE)
BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
ONLY_ONCE = {"authorization", "content-length", "content-type", "host", "transfer-encoding"}


@dataclass(frozen=True, kw_only=True)
class Head:
    """Request line and header fields.

    Args:
        path: with percent-escapes decoded; "*" in `OPTIONS *`.
        query: as it was sent.
        version: of HTTP, (1, 0) or (1, 1).
        fields: by lower-case name; several of one name are joined by ", ".
    """

    method: str
    path: str
    query: str
    version: tuple[int, int]
    fields: dict[str, str]

    @property
    def keeps_alive(self) -> bool:
        """Whether the client wants a persistent connection."""
        tokens = {token.strip().lower() for token in self.fields.get("connection", "").split(",")}
        return "close" not in tokens and (self.version == (1, 1) or "keep-alive" in tokens)

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for "100 Continue" before it sends the body. Raises: ExpectationFailed."""
        expected = self.fields.get("expect", "").lower()
        if expected not in ("", "100-continue"):
            raise ExpectationFailed("100-continue is the only expectation there is.")
        return bool(expected) and self.version == (1, 1)

    @property
    def body_length(self) -> int | None:
        """Bytes of the body; None for a chunked body.

        Raises:
            BadRequest: the fields contradict each other, or the length is not valid.
        """
        coding, length = self.fields.get("transfer-encoding"), self.fields.get("content-length")
        if coding is not None:
            if coding.lower() != "chunked" or length is not None or self.version == (1, 0):
                raise BadRequest(
                    "The only supported Transfer-Encoding is chunked, in HTTP/1.1 and without Content-Length."
                )
            return None
        if length is None:
            return 0
        if not LENGTH.fullmatch(length):
            raise BadRequest("Content-Length is not a number.")
        return int(length)


def parse_head(head: bytes) -> Head:
    """The head from its bytes, without the empty line that ends it.

    Raises:
        BadRequest: the head is malformed.
    """
    first, *lines = head.split(b"\r\n")
    request_line = REQUEST_LINE.fullmatch(first)
    if not request_line:
        raise BadRequest("Invalid HTTP/1.1 request line.")
    method, target, minor = (part.decode("ascii") for part in request_line.groups())
    path, query = _split_target(target)
    fields = _parse_fields(lines)
    if minor == "1" and "host" not in fields:
        raise BadRequest("The Host field is missing.")
    return Head(method=method, path=path, query=query, version=(1, int(minor)), fields=fields)


def _parse_fields(lines: list[bytes]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines:
        field = FIELD.fullmatch(line)
        if not field:
            raise BadRequest("Malformed header field.")
        name, value = field[1].decode("ascii").lower(), field[2].decode("latin-1")
        if name in fields:
            if name in ONLY_ONCE:
                raise BadRequest(f"{name.title()} must not be repeated.")
            value = f"{fields[name]}, {value}"
        fields[name] = value
    return fields


def _split_target(target: str) -> tuple[str, str]:
    """Path and query. Proxies may send the whole address (RFC 9112, section 3.2.2)."""
    if BROKEN_ESCAPE.search(target):
        raise BadRequest("The request target has an invalid % escape.")
    raw_path, _, query = ORIGIN.sub("", target, count=1).partition("?")
    path = _unescaped(raw_path) or "/"
    _unescaped(query)
    if CONTROL_CHARACTER.search(path):
        raise BadRequest("The request target contains control characters.")
    if not path.startswith("/") and path != "*":
        raise BadRequest("The request target does not start with a slash.")
    return path, query


def _unescaped(text: str) -> str:
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest("The request target is not UTF-8.") from error
