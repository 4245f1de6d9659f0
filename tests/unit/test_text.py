"""How texts are compared: folding, the words of a search, and the order of lists."""

# ruff: noqa: RUF001 - letters that look alike are what it is about

import random
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shop.text.matching import BETWEEN, MOST_WORDS, fits, fold, sort_key, words_of

LATIN = st.text(st.characters(max_codepoint=0x24F, exclude_categories=["C"]), max_size=20)
ANY = st.text(max_size=20)
QUERIES = st.lists(
    LATIN.filter(lambda word: word.split() == [word] and fold(word).split()), min_size=1, max_size=MOST_WORDS
)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Café", "cafe"),
        ("Crème brûlée", "CREME BRULEE"),
        ("Überzug", "uberzug"),
        ("Jörg Señorita", "jorg senorita"),
        ("Straße", "STRASSE"),
        ("Smørrebrød", "smorrebrod"),
        ("Łódź", "lodz"),
        ("Đặng", "dang"),
        ("Æther Œuvre", "aether oeuvre"),
        ("Þór Ðað", "thor dad"),
        ("Kızılcık İSTANBUL", "kizilcik istanbul"),
        ("Ὀδυσσεύς", "ΟΔΥΣΣΕΥΣ"),
        ("Ёлка", "елка"),
        ("ﬁne Ｔｅａ ①", "fine tea 1"),
        ("Zu\u00adcker\u200b", "zucker"),
        ("Baker’s “Best” – 7", 'baker\'s "best" - 7'),
        ("가방", "\u1100\u1161\u1107\u1161\u11bc"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("می‌خواهم", "میخواهم"),
    ],
)
def test_what_keyboards_lack_does_not_count(written, typed):
    assert fold(written) == fold(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [("की", "क"), ("கி", "க"), ("กิน", "กน"), ("が", "か"), ("가", "갸"), ("א", "ב"), ("أ", "ا"), ("क़", "क")],
)
def test_marks_that_make_another_word_stay(one, other):
    assert fold(one) != fold(other)


@given(ANY)
@example("\u0390")
@example("İ")
@example("ﷺ")
def test_folding_what_is_folded_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(ANY)
def test_spelling_and_case_do_not_count(text):
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")}

    assert {fold(form) for form in forms} == {fold(text)}
    assert fold(text.casefold()) == fold(text)


@given(QUERIES, st.lists(LATIN, min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_words_are_found_in_any_order_in_any_text_with_any_blanks(words, texts, chance: random.Random):
    for word in words:
        place = chance.randrange(len(texts))
        texts[place] = f"{texts[place]} {word}"
    chance.shuffle(words)

    query = "".join(f"{chance.choice([' ', '  ', chr(0x3000), chr(0xA0)])}{word}" for word in words)

    assert fits(query, *texts)


@given(st.lists(ANY, max_size=4), ANY)
def test_a_text_without_one_of_the_words_does_not_fit(words, text):
    missing = "\u5c71\u5dde"

    assert fits(" ".join([*words[:2], missing]), text) == (missing in fold(text) and fits(" ".join(words[:2]), text))


def test_words_do_not_reach_from_one_text_into_the_next():
    assert not fits("potdish", "pot", "dish")
    assert not any(BETWEEN in word for word in words_of(f"pot{BETWEEN}dish"))


@pytest.mark.parametrize("query", ["", "  ", "\u3000\t"])
def test_blanks_ask_for_nothing(query):
    assert words_of(query) == ()


def test_a_query_of_accents_alone_finds_nothing():
    assert not fits("\u0301 \u200b", "café")


def test_words_count_once_and_up_to_a_limit():
    assert words_of("Tea TEA téa cup") == ("tea", "cup")
    assert len(words_of(" ".join(map(str, range(50))))) == MOST_WORDS


@given(ANY, ANY)
def test_lists_are_sorted_by_folded_text_and_then_by_the_text(one, other):
    pairs = [(fold(text), text) for text in (one, other)]
    clean = all(letter > BETWEEN for text in pairs for letter in text[0])

    if clean:
        assert (sort_key(one) < sort_key(other)) == (pairs[0] < pairs[1])
    assert (sort_key(one) == sort_key(other)) == (one == other)


def test_a_list_is_as_a_dictionary_has_it():
    names = ["zebra", "Äpfel", "apfel", "Apfel", "Oman", "Österreich", "Osten", "Łódź", "Lok", "Magd", "Tee pot", "Tee"]

    assert sorted(names, key=sort_key) == [
        *("Apfel", "apfel", "Äpfel", "Łódź", "Lok", "Magd", "Oman", "Osten", "Österreich", "Tee", "Tee pot", "zebra")
    ]
