"""Text from right to left in the order in which it is drawn, checked against what a browser shows."""

import pytest

from gateway_svc.documents.right_to_left import begins_on_the_right, broken, drawn, goes_right_to_left

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
    ("name", "text", "from_left_to_right"),
    [
        ("house", "\u0628\u064a\u062a", "\ufe96\ufef4\ufe91"),
        ("peace, with lam and alef as one", "\u0633\u0644\u0627\u0645", "\ufee1\ufefc\ufeb3"),
        ("no", "\u0644\u0627", "\ufefb"),
        ("role, of letters that join on one side alone", "\u062f\u0648\u0631", "\ufead\ufeed\ufea9"),
        ("two words", "\u0628\u064a\u062a \u062f\u0648\u0631", "\ufead\ufeed\ufea9 \ufe96\ufef4\ufe91"),
        ("with a vowel on it", "\u0628\u064e\u064a\u062a", "\ufe96\ufef4\ufe91\u064e"),
        ("with Arabic digits", "\u0628\u064a\u062a \u0661\u0662", "\u0661\u0662 \ufe96\ufef4\ufe91"),
        ("Persian yeh", "\u06cc\u06a9", "\ufb8f\ufbfe"),
    ],
)
def test_arabic_letters_join(name, text, from_left_to_right):
    assert shown(text) == from_left_to_right, name


def test_a_long_text_is_read_line_by_line_from_the_top():
    lines = broken(f"{SHALOM} {SHALOM} abc", 9, len)

    assert lines == [f"{SHALOM} {SHALOM}", "abc"]
    assert broken("", 9, len) == [""]
    assert broken("x" * 30, 9, len) == ["x" * 30]


@pytest.mark.parametrize(("text", "does"), [("", False), ("Tea 5", False), (f"Tea {SHALOM}", True), ("\u0628", True)])
def test_other_texts_are_left_alone(text, does):
    assert goes_right_to_left(text) is does
