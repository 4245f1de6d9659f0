"""English texts of the gateway that the websites say in German: every refusal, and every message about a field."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from marshmallow import Schema, ValidationError, fields

from gateway_svc.fields import AmountText, Query
from gateway_svc.problems import problem_response
from shop.contracts import errors
from shop.contracts.errors import ShopError
from shop.http.client import Problem
from shop.service.validation import flat
from shop.web.phrases import told, told_of_field
from tests.component.support.gateway_texts import DECLARED, body_of
from tests.web.support.visiting import Visitor

ROOT = Path(__file__).parents[2]
CODE = [ROOT / "shop", *(ROOT / f"{name}_svc" for name in ("accounting", "customer", "gateway", "order", "product"))]

WRONG: list[Any] = [
    *(None, True, 1.5, -1, 10**12, "", " ", "a", "7", "9" * 12, "x" * 6_000, "a\x00b", "a\u202eb", [], ["a"], {}),
    *({"amount": text, "currency": "EUR"} for text in ("x", "-1.00", "1.234", "1.2345678", "9" * 12)),
    *({"amount": "1.00", "currency": "USD"}, {"amount": 1, "currency": "EUR"}, {"amount": "1.00"}, {"street": "x"}),
    *("2026-01-01", "9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00", "C" * 3_000),
]
"""Something is wrong with each of these in some field."""


@pytest.fixture
def german():
    with Visitor().client.application.test_request_context(headers={"Accept-Language": "de"}):
        yield


@pytest.fixture
def english():
    with Visitor().client.application.test_request_context():
        yield


def refusals(error: type[ShopError] = ShopError) -> Iterator[type[ShopError]]:
    """The classes of errors that callers can act on."""
    for derived in error.__subclasses__():
        if derived.__module__ == errors.__name__:
            yield derived
            yield from refusals(derived)


def problem_of(error: ShopError) -> Problem | None:
    """The problem as websites get it; None if they take it for an outage."""
    answer = problem_response(error, "t1")
    said = orjson.loads(answer.get_data())
    kind = said["type"].rpartition(":problem:")[2]
    return None if answer.status_code >= 500 else Problem(answer.status_code, kind, said["detail"])


def messages_of(schema: Schema) -> set[str]:
    """The schema's messages about wrong values, field by field."""
    in_query = isinstance(schema, Query)
    good = {} if in_query else body_of(schema)
    wrong = [value for value in WRONG if isinstance(value, str)] if in_query else WRONG
    bodies = [{}, {"unheard-of": "1"}]
    bodies += [
        {**good, name: bad} for name, field in schema.load_fields.items() for bad in (*wrong, *_wrong_inside(field))
    ]
    return {message for body in bodies for message in _complaints(schema, body)}


def _wrong_inside(field: fields.Field[Any]) -> Iterator[Any]:
    """Values that are wrong in one of their parts."""
    if isinstance(field, fields.List):
        yield from ([inner] for inner in _wrong_inside(field.inner))
        yield [body_of(field.inner.schema)] * 51 if isinstance(field.inner, fields.Nested) else []
    elif isinstance(field, fields.Nested) and not isinstance(field, AmountText):
        good = body_of(field.schema)
        yield from ({**good, name: value} for name in good for value in WRONG)


def _complaints(schema: Schema, body: Any) -> list[str]:
    try:
        schema.load(body)
    except ValidationError as error:
        return [message for messages in flat(error.messages_dict).values() for message in messages]
    return []


def messages_in_code() -> Iterator[str]:
    """The messages of `raise InvalidRequest({"field": ["…"]})`, with a number for each value in it."""
    for folder in CODE:
        for file in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "InvalidRequest":
                    yield from (
                        _text(said) for held in ast.walk(node) if isinstance(held, ast.List) for said in held.elts
                    )


def _text(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "7.00" for part in parts)


def test_every_refusal_is_told_in_german(german):
    problems = [problem for error in refusals() if (problem := problem_of(error()))]

    assert len(problems) > 20
    assert [problem.kind for problem in problems if told(problem) == problem.detail] == []


def test_every_refusal_has_words_of_its_own(english):
    kinds = {problem.kind: told(problem) for error in refusals() if (problem := problem_of(error()))}

    assert len(set(kinds.values())) > len(kinds) - 3, "some are told alike"


def test_every_message_about_a_field_is_told_in_german(german):
    schemas = {schema for declared in DECLARED for schema in (declared.body, declared.query) if schema}
    messages = {message for schema in schemas for message in messages_of(schema())} | set(messages_in_code())

    assert len(messages) > 40
    assert sorted(message for message in messages if told_of_field([message]) == [message]) == []


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "The order total must not exceed 9999999.99 EUR.",
            "Eine Bestellung darf 9.999.999,99\N{NO-BREAK SPACE}€ nicht überschreiten.",
        ),
        ("Stock must not exceed 1,000,000,000 units.", "Der Bestand darf 1.000.000.000 Stück nicht überschreiten."),
        ("Must be at least 0.00.", "Geben Sie mindestens 0,00 ein."),
    ],
)
def test_amounts_and_numbers_are_written_as_the_visitor_does(german, said, shown):
    assert told_of_field([said]) == [shown]
