"""Text in lines."""

import pytest

from gateway_svc.documents.lines import broken, clusters


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("abc def", ["abc def"]),
        ("abc defg hi", ["abc defg", "hi"]),
        ("a" * 20, ["a" * 8, "a" * 8, "a" * 4]),
        ("ab " + "c" * 10 + " d", ["ab", "c" * 8, "cc d"]),
    ],
)
def test_lines_are_as_full_as_their_words_allow(text, lines):
    assert broken(text, 8, len) == lines


def test_what_is_wider_than_a_line_alone_gets_one():
    assert broken("abc", 0, len) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("language", "together"),
    [
        ("Hindi", ["हि", "न्दी"]),
        ("Hindi, with a joiner", ["क्\u200dष"]),
        ("Thai", ["น้ำ", "ที่", "เชี", "ย"]),
        ("Lao", ["ນ້ຳ", "ເຜິ້", "ງ"]),
        ("Khmer", ["ខ្មែ", "រ"]),
        ("Burmese", ["က", "မ္ဘာ"]),
        ("Latin", ["e\u0301", "a"]),
    ],
)
def test_no_line_ends_within_what_belongs_together(language, together):
    assert list(clusters("".join(together))) == together, language
