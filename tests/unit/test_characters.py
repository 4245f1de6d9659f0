"""Characters that a text may have: the dropped, the kept and the refused ones."""
# ruff: noqa: RUF001 - letters that look alike are what it is about

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.text.characters import code_of, has_controls, is_visible, one_line, tidy, unfit
from shop.text.matching import fold

SPECIAL = st.sampled_from(
    "\u00ad\u034f\u061c\u115f\u180b\u180e\u200b\u200c\u200d\u200e\u2028\u202a\u202e\u2060\u2066\u2069\u3164\ufe0e\ufe0f\ufeff"
    "\U000e0067\U000e007f\U000e0100 \n"
)
ORDINARY = st.sampled_from("aé5कی्辻ᠠ👨🏽❤🏴e\u0301#")
MIXED = st.lists(SPECIAL | ORDINARY | st.characters(), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("Zu\u00adcker\u200b", "Zucker"),
        ("\ufeffAnna", "Anna"),
        ("\u2068Anna\u2069 ", "Anna"),
        ("\u202aC:\u202c", "C:"),
        ("אבג\u200f 5", "אבג 5"),
        ("Auf\u200clage", "Auflage"),
        ("a\ufe0f\u200d\u034f", "a"),
        ("\u3164", ""),
        ("e\u0301", "é"),
        ("\u3000 Tee \u00a0", "Tee"),
    ],
)
def test_what_is_pasted_unawares_is_dropped(pasted, kept):
    assert tidy(pasted) == kept


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",
        "क्\u200dष",
        "ශ්\u200dරී",
        "👨\u200d👩\u200d👧",
        "❤\ufe0f\u200d🔥",
        "🧑🏽\u200d🚀",
        "1\ufe0f\u20e3",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "辻\U000e0100",
        "\u1820\u180b",
        "हिन्दी ไทย tiếng Việt",
        "\U0001faff of a later Unicode",
    ],
)
def test_what_scripts_and_emoji_need_is_kept(text):
    assert tidy(text) == text
    assert not unfit(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("an\u202enA", "U+202E"),
        ("a\u2066b", "U+2066"),
        ("a\u206ab", "U+206A"),
        ("hi\U000e0068\U000e0069", "U+E0068"),
        ("\ue000", "U+E000"),
        ("\ufdd0", "U+FDD0"),
        ("\U0010ffff", "U+10FFFF"),
        ("\u0378", "U+0378"),
        ("a\ufff9b", "U+FFF9"),
    ],
)
def test_what_hides_or_shows_something_else_is_refused(text, named):
    assert code_of(unfit(tidy(text))) == named


@pytest.mark.parametrize("text", ["\x00", "\x1b[2J", "\ud800", "a\u2028b"])
def test_control_characters_and_halves_of_characters_are_refused(text):
    assert has_controls(text)


@given(MIXED)
def test_what_is_tidy_stays_as_it_is(text):
    once = tidy(text)

    assert tidy(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert fold(once).split() == fold(text).split(), "a search finds it either way"


@given(MIXED)
def test_letters_are_not_dropped(text):
    def letters(text):
        apart = unicodedata.normalize("NFD", text)
        return [letter for letter in apart if unicodedata.category(letter) in ("Lu", "Ll", "Nd", "So")]

    assert letters(tidy(text)) == letters(text)


@given(MIXED)
def test_a_search_is_one_line_that_can_be_asked_for(text):
    line = one_line(text)

    assert line == " ".join(line.split()) == tidy(line)
    assert not has_controls(line)
    assert not unfit(line)


@pytest.mark.parametrize("text", ["", " \u00a0", "\u2800", "\u200e"])
def test_blanks_are_not_visible(text):
    assert not is_visible(text)
