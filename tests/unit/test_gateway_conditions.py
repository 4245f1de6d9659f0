"""Idempotency-Key and If-Match as headers have them."""

import pytest

from gateway_svc.conditions import BadHeader, entity_tag, idempotency_key, versions_to_match
from shop.contracts.errors import EditConflict


@pytest.mark.parametrize("key", ["a", "x" * 255, "8e03978e-40d5-43e8-bc93-6894a57f9324", '"quoted"', "!~", "two words"])
def test_a_key_is_taken_as_it_is(key):
    assert idempotency_key(key, required=True) == key


@pytest.mark.parametrize("key", ["", " ", "a ", "one, two", "x" * 256, "é", "a\tb", "a\x00"])
def test_another_key_is_refused_by_name(key):
    with pytest.raises(BadHeader) as refused:
        idempotency_key(key, required=False)

    assert list(refused.value.errors) == ["Idempotency-Key"]


def test_a_key_may_be_missing_unless_it_is_required():
    assert idempotency_key(None, required=False) is None
    with pytest.raises(BadHeader):
        idempotency_key(None, required=True)


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        (None, None),
        ("*", None),
        (" * ", None),
        ('"3"', [3]),
        ('"3", "5"', [3, 5]),
        (' "3" ,"5" ', [3, 5]),
        ('W/"3", "5"', [5]),
        ('"3", "another-server"', [3]),
        ('"3", "007"', [3]),
    ],
)
def test_the_versions_that_match_are_those_of_strong_tags(header, versions):
    assert versions_to_match(header) == versions


@pytest.mark.parametrize("header", ['W/"3"', '"abc"', '""', '"-1"', '"' + "9" * 30 + '"'])
def test_tags_that_match_nothing_are_a_conflict(header):
    with pytest.raises(EditConflict):
        versions_to_match(header)


@pytest.mark.parametrize("header", ["", "3", "abc", '"3', '3"', '"3" "4"', '"3",', 'w/"3"', '*, "3"', '"a b"'])
def test_what_is_no_list_of_tags_is_refused_by_name(header):
    with pytest.raises(BadHeader) as refused:
        versions_to_match(header)

    assert list(refused.value.errors) == ["If-Match"]


def test_a_tag_that_was_given_out_matches_its_version():
    assert versions_to_match(entity_tag(12)) == [12]


def test_a_long_list_costs_no_more_than_a_few_tries():
    assert len(versions_to_match(", ".join(f'"{version}"' for version in range(1000)))) <= 8
