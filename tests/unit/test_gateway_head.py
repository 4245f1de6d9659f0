"""Request heads: plainly right ones are taken, all others refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest, ExpectationFailed

from gateway_svc.boundary.head import parse_head


def head(*lines, request_line="GET / HTTP/1.1", host=True):
    return "\r\n".join([request_line, *(["Host: shop"] if host else []), *lines]).encode("latin-1")


def test_a_head_is_taken_apart():
    parsed = parse_head(head("X-One: a", "x-ONE:  b  ", request_line="PATCH /v1/a%20b?q=x&y HTTP/1.1"))

    assert (parsed.method, parsed.path, parsed.query, parsed.version) == ("PATCH", "/v1/a b", "q=x&y", (1, 1))
    assert parsed.fields == {"host": "shop", "x-one": "a, b"}


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", "/"),
        ("http://shop.example/v1/products", "/v1/products"),
        ("http://shop.example", "/"),
        ("HTTPS://shop.example/x", "/x"),
        ("*", "*"),
        ("/v1/%E2%82%AC", "/v1/€"),
        ("//v1/products", "//v1/products"),
    ],
)
def test_every_form_of_an_address_leads_to_a_path(target, path):
    assert parse_head(head(request_line=f"GET {target} HTTP/1.1")).path == path


@pytest.mark.parametrize(
    "request_line",
    [
        "",
        "GET",
        "GET /",
        "GET / HTTP/0.9",
        "GET / HTTP/2.0",
        "GET / HTTP/1.1 ",
        "GET  / HTTP/1.1",
        " GET / HTTP/1.1",
        "GET\t/ HTTP/1.1",
        "GÉT / HTTP/1.1",
        "G(T / HTTP/1.1",
        "GET /é HTTP/1.1",
        "GET /a b HTTP/1.1",
        "GET v1 HTTP/1.1",
        "GET /%zz HTTP/1.1",
        "GET /% HTTP/1.1",
        "GET /?q=%f HTTP/1.1",
        "GET /%ff HTTP/1.1",
        "GET /?q=%ff HTTP/1.1",
        "GET /%00 HTTP/1.1",
        "GET /%0d%0aX:y HTTP/1.1",
        "GET / HTTP/1.1\nX: y",
        "\x16\x03\x01\x02",
    ],
)
def test_a_bad_request_line_is_refused(request_line):
    with pytest.raises(BadRequest):
        parse_head(head(request_line=request_line))


@pytest.mark.parametrize(
    "line",
    [
        "no colon",
        "Name : value",
        " folded",
        ": value",
        "Na(me: value",
        "X: a\nY: b",
        "X: a\rY: b",
        "X: a\x00b",
        "Host: another",
        "Content-Length: 1\r\nContent-Length: 1",
        "Content-Type: a\r\nContent-Type: b",
        "Authorization: Bearer a\r\nAuthorization: Bearer b",
    ],
)
def test_a_bad_header_field_is_refused(line):
    with pytest.raises(BadRequest):
        parse_head(head(*line.split("\r\n")))


def test_a_request_of_http_1_1_names_the_host():
    with pytest.raises(BadRequest):
        parse_head(head(host=False))

    assert parse_head(head(host=False, request_line="GET / HTTP/1.0")).fields == {}


@pytest.mark.parametrize(
    ("request_line", "lines", "keeps"),
    [
        ("GET / HTTP/1.1", [], True),
        ("GET / HTTP/1.1", ["Connection: close"], False),
        ("GET / HTTP/1.1", ["Connection: x, CLOSE"], False),
        ("GET / HTTP/1.0", [], False),
        ("GET / HTTP/1.0", ["Connection: Keep-Alive"], True),
    ],
)
def test_whether_a_connection_stays_is_said_by_version_and_field(request_line, lines, keeps):
    assert parse_head(head(*lines, request_line=request_line)).keeps_alive is keeps


@pytest.mark.parametrize(
    ("lines", "length"),
    [
        ([], 0),
        (["Content-Length: 0"], 0),
        (["Content-Length: 17"], 17),
        (["Transfer-Encoding: Chunked"], None),
    ],
)
def test_the_length_of_a_body_is_said_by_its_fields(lines, length):
    assert parse_head(head(*lines)).body_length == length


@pytest.mark.parametrize(
    ("request_line", "lines"),
    [
        ("POST / HTTP/1.1", ["Content-Length: -1"]),
        ("POST / HTTP/1.1", ["Content-Length: +1"]),
        ("POST / HTTP/1.1", ["Content-Length: 1_0"]),
        ("POST / HTTP/1.1", ["Content-Length: 0x10"]),
        ("POST / HTTP/1.1", ["Content-Length: "]),
        ("POST / HTTP/1.1", ["Content-Length: 9999999999999999999"]),
        ("POST / HTTP/1.1", ["Content-Length: 3", "Transfer-Encoding: chunked"]),
        ("POST / HTTP/1.1", ["Transfer-Encoding: gzip, chunked"]),
        ("POST / HTTP/1.1", ["Transfer-Encoding: identity"]),
        ("POST / HTTP/1.0", ["Transfer-Encoding: chunked"]),
    ],
)
def test_a_body_of_no_certain_length_is_refused(request_line, lines):
    with pytest.raises(BadRequest):
        _ = parse_head(head(*lines, request_line=request_line)).body_length


def test_the_one_expectation_is_known_and_others_refused():
    assert parse_head(head("Expect: 100-Continue")).expects_continue
    assert not parse_head(head("Expect: 100-continue", request_line="GET / HTTP/1.0")).expects_continue
    with pytest.raises(ExpectationFailed):
        _ = parse_head(head("Expect: miracles")).expects_continue


@given(st.binary(max_size=200) | st.text(alphabet="GET /%a:?*\r\n\t0. HTP1", max_size=60).map(str.encode))
def test_no_bytes_do_more_than_being_refused(noise):
    with suppress(BadRequest):
        assert parse_head(noise).path[0] in "/*"
