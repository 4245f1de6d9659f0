"""Requests that are nearly right: for every write route a good one, and all the ways to spoil it.

Spoiled values are JSON texts, since some of them (1e400, a lone surrogate, a field that is there twice) are no values
of Python.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

HOLE = "<hole>"

NOT_TEXT = ("null", "true", "5", "1.5", "[]", "{}", '["x"]', '{"x": "y"}')
UNSEEN = (r'"a\u0000b"', r'"a\ud800b"', r'"\udfff"', r'"a\u001bb"', r'"a\u0085b"', r'"\u200b"')
BLANK = ('""', '"  "', r'"\n"')

NOT_A_NUMBER = ("null", "true", '"5"', '""', "1.5", "1e400", "-1e400", "1e2", "[]", "{}", "[5]")
HUGE = (str(10**400), str(-(10**400)), str(2**63), str(-(2**63) - 1), str(2**31 * 2**31), "9" * 5000)

NOT_AN_ID = (
    *('"5"', '"x"', '""', r'"a\u0000b"', r'"\ud800"', f'"{uuid4().hex}"', f'"{{{uuid4()}}}"', f'"{uuid4()} "'),
    f'"urn:uuid:{uuid4()}"',
)

NOT_AN_AMOUNT = (
    *(
        '"19.999"',
        '"0.001"',
        '"abc"',
        '""',
        '" 1.00"',
        '"1.00 "',
        '"1,00"',
        '"+1.00"',
        '"--1"',
        '"1."',
        '".5"',
        '"1e3"',
    ),
    *('"NaN"', '"Infinity"', '"-Infinity"', '"0x10"', '"1_000"', '"10000000.00"', '"999999999999999999999.99"'),
    *(
        r'"\u0661\u0669.\u0669\u0668"',
        r'"\uff11\uff19"',
        r'"1\u0000"',
        r'"\ud800"',
        f'"{"9" * 400}"',
        f'"0.{"0" * 400}"',
        f'"{10**400}"',
    ),
    *("19.98", "1998", "null", "true", "[]", "{}", "1e400", str(10**400)),
)
OTHER_CURRENCY = ('"USD"', '"JPY"', '"eur"', '"EUR "', '"XXX"', '""', r'"\u0000"', "null", "5", "[]", "{}")

NOT_AN_OBJECT = ("[]", '"x"', "5", "null", "true", "1e400", "[{}]", '"{}"')
NOT_JSON = (
    *("", " ", "{", "}", "nul", "{'name': 'x'}", '{"name": "x",}', '{"name"}', "{} {}", "{}x", "NaN", "Infinity"),
    *('{"name": NaN}', '{"name": -Infinity}', '{"name": 01}', '{"name": +1}', '{"name": .5}', "// x\n{}", "\ufeff{}"),
    '{"name": "a\nb"}',
    "name=x",
    "<name>x</name>",
)
NOT_UTF_8 = (
    *(b"\xff\xfe\x00", b'{"name": "\xff"}', b'{"name": "\xc0\xaf"}', b'{"name": "\xed\xa0\x80"}', b'{"\x80": 1}'),
    *('{"name": "x"}'.encode(coding) for coding in ("utf-16", "utf-32")),
    '{"name": "é"}'.encode("latin-1"),
)
TOO_DEEP = ("[" * 30_000, '{"name":' * 7_000, "[" * 30_000 + "]" * 30_000, '{"a":' * 9_000 + "1" + "}" * 9_000)

OTHER_CONTENT_TYPES = (
    *("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"),
    *("application/json; charset=latin-1", "application/json; charset=utf-16", "application/jsonx", "json", "a" * 500),
)
BAD_KEYS = (b"", b"x" * 256, b"\xc3\xa9", b"\xe9", b"a\tb", b"\x80", b"key\r\nIdempotency-Key: key")
NOT_ENTITY_TAGS = ("", "1", "abc", '"1', '1"', "'1'", '"1" "2"', '"1",', "W/", 'w/"1"', '*, "1"', '"a b"', "x" * 1000)
OTHER_ENTITY_TAGS = ('"0"', '"999"', '"x"', 'W/"1"', '""', '"-1"', '"1.0"', '"01"', f'"{2**63}"', f'"{"9" * 1000}"')

UNKNOWN_IDS = (
    *(str(uuid4()), str(uuid4()).upper(), uuid4().hex, "0", "-1", "null", "x", "%20", "..", "a%2fb", "%2e%2e"),
    *("' OR 1=1 --", "%C3%A4%C3%B6%C3%BC", "x" * 300, "nobody-at-all", "%7B%7D"),
)
NOT_TEXT_IN_ADDRESSES = ("%00", "a%00b", "%ff", "%c0%af", "%ed%a0%80", "%0a", "%7f")
BAD_YEARS = ("", "0", "-1", "10000", "2026.0", "x", "%00", "%D9%A2%D9%A0%D9%A2%D9%A6", "9" * 400, "1e3", "%202026")
BAD_LIMITS = (
    "",
    "0",
    "-1",
    "101",
    "1.5",
    "1e1",
    "x",
    " 5",
    "%2B5",
    "%00",
    "%D9%A5",
    "0x10",
    str(2**63),
    "9" * 400,
    "null",
)
BAD_HEADS = (
    b"\r\n\r\nGET\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",  # no Host
    b"GET  / HTTP/1.1\r\nHost: shop\r\n\r\n",
    b"GET / HTTP/3.0\r\nHost: shop\r\n\r\n",
    b"GET /\r\n\r\n",
    b"GET /v1/pro\x00ducts HTTP/1.1\r\nHost: shop\r\n\r\n",
    b"GET /v1/\xff HTTP/1.1\r\nHost: shop\r\n\r\n",
    b"GET / HTTP/1.1\nHost: shop\n\n\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop\r\nNo colon\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop\r\n folded: yes\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop\r\nX: a\x00b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : shop\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop\r\nExpect: miracles\r\n\r\n",
    b"POST /v1/customers HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    b"POST /v1/customers HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    b"POST /v1/customers HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    b"POST /v1/customers HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    b"POST /v1/customers HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop\r\n" + b"X: x\r\n" * 10_000 + b"\r\n",
    b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: shop\r\n\r\n",
    b"x" * 100_000,
)


def bad_cursors() -> Iterator[str]:
    """Texts that are no cursor of any list: not of the right form, of other lists, or with values that no list has."""
    yield from ("", "x", "%00", "=", "====", "a b", "é", "A" * 1001, "A" * 3000, "..%2F..", "null", "5", "-1")
    for key in ([], {}, None, "x", 5, [None], [True], [1.5], [[1]], [{}], ["x", "y", "z"], [1, 2, 3], [2**63, "x"]):
        yield encoded(json.dumps(key))
    yield from map(encoded, ("[", "[1e400]", f"[{10**400}]", f"[{2**63}]", f"[{2**64}]", f"[-{2**63}]", "[NaN]"))
    yield from map(encoded, ('["\\u0000"]', '["\\u0000","x"]', '["\\ud800"]', '["\\ud800","x"]', "[" * 700))
    yield encoded("\xff\xfe")


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode("latin-1")).decode().rstrip("=")


@dataclass(frozen=True)
class Kind:
    """A sort of field: a value that is right, the texts of values that are not, and what is right inside of it."""

    good: Any
    bad: tuple[str, ...]
    inside: Mapping[str, "Kind"] = field(default_factory=dict)
    optional: bool = False


def text(longest: int, *, good: str = "Good", blank: bool = False, layout: bool = False) -> Kind:
    too_long = json.dumps("x" * (longest + 1))
    unseen = (*UNSEEN, r'"a\nb"') if not layout else UNSEEN[:-1]
    return Kind(good, (*NOT_TEXT, *unseen, too_long, *(() if blank else BLANK)))


def whole_number(good: int, least: int, most: int) -> Kind:
    return Kind(good, (*NOT_A_NUMBER, *HUGE, str(least - 1), str(most + 1)))


def amount(good: str, *more: str) -> Kind:
    parts = {"amount": Kind(good, (*NOT_AN_AMOUNT, *more)), "currency": Kind("EUR", OTHER_CURRENCY)}
    value = {name: kind.good for name, kind in parts.items()}
    return Kind(value, ("null", "true", "19.98", '"19.98"', '"19.98 EUR"', "[]", "[1998]", "{}"), parts)


def secret(good: str, shortest: int) -> Kind:
    too_short = (json.dumps("x" * (shortest - 1)),) if shortest else ()
    return Kind(good, (*NOT_TEXT, *UNSEEN[:5], json.dumps("x" * 129), *too_short))


def one_id(good: str) -> Kind:
    return Kind(good, (*NOT_TEXT, *NOT_AN_ID, f'"{uuid4()}"'))


USERNAME = Kind("somebody-new", (
    *(*NOT_TEXT, *UNSEEN, *BLANK, '"ab"', '"a b c"', '"-abc"', '"äöü"', '"a/b"', '"../../x"', r'"\u0430lice"'),
    *('"MÉ"', '"' + "x" * 33 + '"', '"abc\\n"', '" abc"', '"%00x"', '"me"', '"operator"', '"Anonymous"'),
))  # fmt: skip
EMAIL = Kind("good@shop.example", (*NOT_TEXT, *UNSEEN, *BLANK, '"x"', '"x@"', '"@x.example"', '"a b@shop.example"',
    '"a@b@shop.example"', '"a\\n@shop.example"', f'"{"x" * 250}@shop.example"'))  # fmt: skip
ADDRESS = Kind(
    {"street": "14 Harbour Street", "city": "Gothenburg", "postcode": "411 05", "country": "SE"},
    ('"x"', "5", "true", "[]", "{}", '["x"]'),
    {
        "street": text(120, good="14 Harbour Street"),
        "city": text(120, good="Gothenburg"),
        "postcode": text(16, good="411 05"),
        "country": Kind(
            "SE", (*NOT_TEXT, '""', '"se"', '"SWE"', '"S"', '"S1"', r'"\uff33\uff25"', r'"SE\n"', r'"S\u0000"')
        ),
    },
)
REASON = text(200)


@dataclass(frozen=True, kw_only=True)
class Write:
    """A good request to a write route.

    Args:
        route: method and path, as the OpenAPI description has them.
        path: the address, with ids of what there is.
        who: "visitor", "customer" or "manager".
        fields: of the body; None where there is none.
        optional: the fields may be missing.
        edits: it takes If-Match.
    """

    route: tuple[str, str]
    path: str
    who: str
    fields: Mapping[str, Kind] | None = None
    optional: bool = False
    edits: bool = False

    @property
    def method(self) -> str:
        return self.route[0]

    @property
    def body(self) -> dict[str, Any]:
        return {name: kind.good for name, kind in (self.fields or {}).items()}

    @property
    def needs_key(self) -> bool:
        return self.route == ("POST", "/v1/orders")


def write_requests(*, product: str, category: str, order: str, customer: str) -> list[Write]:
    """A good request to every write route, about these things."""
    return [
        *_to_categories(category),
        *_to_products(product, category),
        *_to_customers(customer),
        *_to_sessions(customer),
        *_to_orders(order, product),
        Write(route=("POST", "/v1/dead-letters/{letter_id}/retry"), path="/v1/dead-letters/1/retry", who="manager"),
    ]


def _to_categories(category: str) -> list[Write]:
    categories = "/v1/categories"
    return [
        Write(route=("POST", categories), path=categories, who="manager", fields={"name": text(120)}),
        Write(
            route=("PATCH", f"{categories}/{{category_id}}"),
            path=f"{categories}/{category}",
            who="manager",
            fields={"name": text(120)},
            edits=True,
        ),
        Write(
            route=("DELETE", f"{categories}/{{category_id}}"),
            path=f"{categories}/{category}",
            who="manager",
            edits=True,
        ),
    ]


def _to_products(product: str, category: str) -> list[Write]:
    products = "/v1/products"
    new_product = {
        "name": text(120),
        "description": text(5000, blank=True, layout=True),
        "supplier": text(120),
        "category_id": one_id(category),
        "price": amount("19.98", '"-0.01"', '"-19.98"'),
    }
    return [
        Write(
            route=("POST", products),
            path=products,
            who="manager",
            fields=new_product | {"units_in_stock": whole_number(5, 0, 10**9)},
        ),
        Write(
            route=("PATCH", f"{products}/{{product_id}}"),
            path=f"{products}/{product}",
            who="manager",
            fields=new_product,
            optional=True,
            edits=True,
        ),
        Write(route=("DELETE", f"{products}/{{product_id}}"), path=f"{products}/{product}", who="manager", edits=True),
        Write(
            route=("POST", f"{products}/{{product_id}}/stock"),
            path=f"{products}/{product}/stock",
            who="manager",
            fields={"delta": whole_number(1, -(10**9), 10**9), "reason": REASON},
            edits=True,
        ),
    ]


def _to_customers(customer: str) -> list[Write]:
    customers = "/v1/customers"
    return [
        Write(
            route=("POST", customers),
            path=customers,
            who="visitor",
            fields={"username": USERNAME, "password": secret("good enough", 8), "full_name": text(120), "email": EMAIL},
        ),
        Write(
            route=("PATCH", f"{customers}/me"),
            path=f"{customers}/me",
            who="customer",
            fields={"full_name": text(120), "email": EMAIL, "address": ADDRESS},
            optional=True,
            edits=True,
        ),
        Write(
            route=("PUT", f"{customers}/me/password"),
            path=f"{customers}/me/password",
            who="customer",
            fields={"current_password": secret("not what it is", 0), "new_password": secret("good enough", 8)},
        ),
        Write(
            route=("PUT", f"{customers}/{{username}}/credit"),
            path=f"{customers}/{customer}/credit",
            who="manager",
            fields={"credit": amount("100.00"), "reason": REASON},
            edits=True,
        ),
        Write(
            route=("POST", f"{customers}/{{username}}/credit-changes"),
            path=f"{customers}/{customer}/credit-changes",
            who="manager",
            fields={"amount": amount("1.00"), "reason": REASON},
        ),
    ]


def _to_sessions(customer: str) -> list[Write]:
    return [
        Write(
            route=("POST", "/v1/sessions"),
            path="/v1/sessions",
            who="visitor",
            fields={"username": Kind(customer, (*NOT_TEXT, *UNSEEN, *BLANK)), "password": secret("not what it is", 0)},
        ),
        Write(route=("DELETE", "/v1/sessions/current"), path="/v1/sessions/current", who="customer"),
    ]


def _to_orders(order: str, product: str) -> list[Write]:
    line = {"product_id": one_id(product), "quantity": whole_number(1, 1, 1000)}
    good_line = {name: kind.good for name, kind in line.items()}
    lines = Kind(
        [good_line],
        (*("null", "5", '"x"', "{}", "[]", "[[]]", "[5]", "[null]", '["x"]', "[{}]"), json.dumps([good_line] * 51)),
        {"0": Kind(good_line, ("null", "5", '"x"', "[]", "{}"), line)},
    )
    return [
        Write(route=("POST", "/v1/orders"), path="/v1/orders", who="customer", fields={"lines": lines}),
        Write(
            route=("POST", "/v1/orders/{order_id}/cancellation"),
            path=f"/v1/orders/{order}/cancellation",
            who="customer",
        ),
        Write(route=("POST", "/v1/orders/{order_id}/shipment"), path=f"/v1/orders/{order}/shipment", who="manager"),
    ]


def spoiled_fields(write: Write) -> Iterator[tuple[str, str]]:
    """The field at fault, such as `lines.0.quantity`, and the JSON text of the body; one field is wrong in each."""
    for path, kind in _fields(write.fields or {}):
        for bad in kind.bad:
            yield ".".join(path), _with_hole(write.body, path).replace(f'"{HOLE}"', bad)


def missing_fields(write: Write) -> Iterator[tuple[str, str]]:
    """Likewise, with a field that is missing."""
    for path, _ in _fields(write.fields or {}):
        if path[-1] != "0" and not (write.optional and len(path) == 1):
            body = json.loads(json.dumps(write.body))
            del _inside(body, path)[path[-1]]
            yield ".".join(path), json.dumps(body)


def unknown_fields(write: Write) -> Iterator[tuple[str, str]]:
    """Likewise, with a field that there is not, in the body and in every object inside of it."""
    objects = [(), *(path for path, kind in _fields(write.fields or {}) if isinstance(kind.good, dict))]
    for path in objects:
        for name in ("surprise", "version", "__class__", "", "a.b", "Name"):
            body = json.loads(json.dumps(write.body))
            _at(body, path)[name] = 1
            yield ".".join([*path, name]), json.dumps(body)


def repeated_fields(write: Write) -> Iterator[tuple[str, str]]:
    """Likewise, with a field that is there twice: readers of JSON differ in which of them they believe."""
    for path, kind in _fields(write.fields or {}):
        if path[-1] != "0":
            name, value = json.dumps(path[-1]), json.dumps(kind.good)
            twice = _with_hole(write.body, path).replace(f'{name}: "{HOLE}"', f"{name}: {value}, {name}: {value}")
            yield path[-1], twice


def _fields(fields: Mapping[str, Kind], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Kind]]:
    for name, kind in fields.items():
        yield (*above, name), kind
        yield from _fields(kind.inside, (*above, name))


def _with_hole(body: Any, path: tuple[str, ...]) -> str:
    copy = json.loads(json.dumps(body))
    inside = _inside(copy, path)
    inside[int(path[-1]) if isinstance(inside, list) else path[-1]] = HOLE
    return json.dumps(copy)


def _inside(body: Any, path: tuple[str, ...]) -> Any:
    return _at(body, path[:-1])


def _at(body: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        body = body[int(name) if isinstance(body, list) else name]
    return body
