"""Line breaking: between words and, in a word that is too long for a line, between grapheme clusters."""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator

JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
FIRST_VOWELS = "\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4"
"""Thai and Lao vowels written before their consonant."""

LAST_VOWELS = "\u0e33\u0eb3"
"""Thai and Lao vowels with a part above the preceding consonant."""

VIRAMA = 9
"""Combining class of the marks that join two consonants."""


def broken(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The text in lines of at most this width, in logical order."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if measure(longer) <= width:
            lines[-1] = longer
        else:
            lines += _fitting(word, width, measure)
    return [line for line in lines if line] or [""]


def clusters(text: str) -> Iterator[str]:
    """Grapheme clusters: letters with their marks and, in Indic scripts, with the consonants they join."""
    cluster = ""
    for character in text:
        if cluster and not _belongs(character, cluster[-1]):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _fitting(word: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    """Parts of a word of at most this width; a wider cluster is a part of its own."""
    rest = list(clusters(word))
    while rest:
        count = 1 + bisect_right(range(2, len(rest) + 1), width, key=lambda count: measure("".join(rest[:count])))
        yield "".join(rest[:count])
        rest = rest[count:]


def _belongs(character: str, before: str) -> bool:
    return (
        unicodedata.category(character)[0] == "M"
        or character in JOINERS + LAST_VOWELS
        or before in JOINERS + FIRST_VOWELS
        or unicodedata.combining(before) == VIRAMA
    )
