"""Every text that the API takes: invisible characters are dropped, or refused naming the field."""

import json

import pytest

from shop.service.validation import Email
from tests.component.support.gateway_client import problem
from tests.component.support.gateway_notes import NOTES
from tests.component.support.gateway_texts import text_fields, unchecked_texts

FIELDS = list(text_fields())
HIDING = ["\u202e", "\u2066", "\u206a", "\U000e0041", "\ue000", "\ufffe", "\ufff9", "\U0010ffff"]
CONTROLS = ["\x00", "\x1b", "\x85", "\x7f"]
HARMLESS = ["\u00ad", "\u200b", "\ufeff", "\u2060", "\u200e", "\u061c", "\ufe0f", "\u200d", "\u3164"]


def test_the_routes_have_texts():
    assert len(FIELDS) > 20
    assert {"name", "reason", "address.street", "email", "q", "full_name"} <= {one.name for one in FIELDS}


def test_no_field_takes_any_text_at_all():
    assert unchecked_texts() == []


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_characters_that_hide_something_are_refused_by_the_name_of_the_field(gateway, field):
    for letter in (*HIDING, *CONTROLS):
        told = problem(gateway(**field.request(f"a{letter}b")), 422)

        assert list(told["errors"]) == [field.name], ascii(letter)


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_what_is_pasted_unawares_is_dropped_and_the_rest_is_in_one_spelling(gateway, field):
    letters = "b".join(["e\u0301", *HARMLESS])
    end = "@example.org" if isinstance(field.field, Email) else ""

    gateway(**field.request(f" \u2068{letters if not end else letters[2:]}{end}\u2069\ufeff "))

    asked = json.dumps([call[1:] for call in NOTES.calls if call[0] != "identify"], ensure_ascii=False, default=str)
    assert f'"{"" if end else chr(0xE9)}{"b" * len(HARMLESS)}{end}"' in asked
