"""Text from right to left in the order in which it is drawn, checked against what a browser shows."""

import pytest

from gateway_svc.documents.right_to_left import begins_on_the_right, drawn, goes_right_to_left, reversed_clusters

SHALOM, DRAWN = "\u05e9\u05dc\u05d5\u05dd", "\u05dd\u05d5\u05dc\u05e9"


def shown(text: str) -> str:
    return drawn(text, from_right=begins_on_the_right(text))


@pytest.mark.parametrize(
    ("text", "from_left_to_right"),
    [
        ("", ""),
        ("Tea (green)", "Tea (green)"),
        (SHALOM, DRAWN),
        (f"Tea {SHALOM}", f"Tea {DRAWN}"),
        (f"Tea {SHALOM} 12", f"Tea 12 {DRAWN}"),
        (f"{SHALOM} 12", f"12 {DRAWN}"),
        (f"{SHALOM} {SHALOM}, tea", f"tea ,{DRAWN} {DRAWN}"),
        (f"{SHALOM} (abc)", f"(abc) {DRAWN}"),
        (f"{SHALOM} (5)", f"(5) {DRAWN}"),
        (f"{SHALOM} (abc), 5", f"5 ,(abc) {DRAWN}"),
        (f"Tea ({SHALOM}) {SHALOM}", f"Tea ({DRAWN}) {DRAWN}"),
        (f"{SHALOM}) abc (", f") abc ({DRAWN}"),
        (f"abc ({SHALOM})", f"abc ({DRAWN})"),
        (f"{SHALOM} 1,234.50 EUR", f"EUR 1,234.50 {DRAWN}"),
        (f"{SHALOM} \u20ac5", f"\u20ac5 {DRAWN}"),
        ("\u05e9\u05b8\u05dc", "\u05dc\u05e9\u05b8"),  # a vowel stays behind its letter
    ],
)
def test_words_and_numbers_of_both_directions_stand_in_their_order(text, from_left_to_right):
    assert shown(text) == from_left_to_right


@pytest.mark.parametrize(
    ("text", "other_way_round"),
    [
        ("", ""),
        (SHALOM, DRAWN),
        ("\u0628\u064e\u064a\u062a", "\u062a\u064a\u0628\u064e"),  # an Arabic vowel stays behind its letter
        ("\u078b\u07a8\u0788\u07ac", "\u0788\u07ac\u078b\u07a8"),  # so do those of Thaana, of another class in Unicode
    ],
)
def test_letters_are_reversed_with_their_marks(text, other_way_round):
    assert reversed_clusters(text) == shown(text) == other_way_round
    assert reversed_clusters(reversed_clusters(text)) == text


@pytest.mark.parametrize(("text", "does"), [("", False), ("Tea 5", False), (f"Tea {SHALOM}", True), ("\u0628", True)])
def test_other_texts_are_left_alone(text, does):
    assert goes_right_to_left(text) is does
