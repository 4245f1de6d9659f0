"""Readable replacements of characters that no font has: equivalent letters, else words in brackets.

| Character | Replacement |
|---|---|
| compatibility forms, such as mathematical letters; letters whose other case a font has | the plain letters |
| encircled, superscript | in brackets: (11) |
| emoji | Unicode names: (party popper); a joined sequence in one pair of brackets |
| flags | (flag DE) |
| letters of scripts without a font | script and names of the letters: (Cherokee tsa la gi) |
| rare ideographs, and characters unknown to Python's Unicode database | code points: (U+20BB7) |
| so many emoji or letters that their names would not fit on a page | code points |
| default-ignorable characters, such as variation selectors | nothing |
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import NamedTuple

from shop.text.matching import IGNORABLE

JOINER, KEYCAP = "\N{ZERO WIDTH JOINER}", "\N{COMBINING ENCLOSING KEYCAP}"
TONES = {
    "\U0001f3fb": "light skin tone",
    "\U0001f3fc": "medium-light skin tone",
    "\U0001f3fd": "medium skin tone",
    "\U0001f3fe": "medium-dark skin tone",
    "\U0001f3ff": "dark skin tone",
}
"""CLDR's names: those of Unicode are types of the Fitzpatrick scale."""

RAISED = ("<circle>", "<super>", "<sub>", "<fraction>")

PICTURES = "\u2190-\u2bff\U0001f000-\U0001fbff"
ADORNED = "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]*"
"""Variation selectors and skin tones that follow a pictograph."""

_UNITS = re.compile(
    "\U0001f3f4(?P<region>[\U000e0020-\U000e007e]+)\U000e007f"
    "|(?P<country>[\U0001f1e6-\U0001f1ff]{2})"
    f"|(?P<key>[#*0-9])[\ufe0e\ufe0f]?{KEYCAP}"
    f"|(?P<other>.{ADORNED}(?:{JOINER}[{PICTURES}]{ADORNED})*)",
    re.DOTALL,
)
_IGNORED = re.compile(f"[{IGNORABLE}]")
_LETTER = re.compile(
    r"(?P<script>.+?) (?:CAPITAL |SMALL |SUBJOINED |INDEPENDENT )*(?:LETTER|SYLLABLE|(?:VOWEL |CONSONANT )?SIGN|VOWEL)"
    r" (?P<letter>.+)"
)

LONGEST = 400
"""Longest text with names in it, in characters: those of 120 emoji would not fit on a page."""


Drawable = Callable[[str], bool]
"""Whether some font has a character."""


class Words(NamedTuple):
    """Text for brackets.

    Attributes:
        beginning: common prefix, written once for neighbours that share it.
    """

    text: str
    beginning: str = ""


def readable(text: str, drawable: Drawable) -> str:
    """The text with a readable replacement of each character that cannot be drawn."""
    units = list(_UNITS.finditer(text))
    named = _written(part for unit in units for part in _parts(unit, drawable))
    return named if len(named) <= LONGEST else _written(part for unit in units for part in _coded(unit[0], drawable))


def _written(parts: Iterable[str | Words]) -> str:
    return "".join(_group(list(group)) for _, group in groupby(parts, _beginning))


def _beginning(part: str | Words) -> str | None:
    return part.beginning if isinstance(part, Words) else None


def _group(parts: list[str | Words]) -> str:
    words = [part for part in parts if isinstance(part, Words)]
    if not words:
        return "".join(map(str, parts))
    beginning = words[0].beginning
    return f"({beginning}{(' ' if beginning else ', ').join(word.text for word in words)})"


def _parts(unit: re.Match[str], drawable: Drawable) -> Iterator[str | Words]:
    if region := unit["region"]:
        code = "".join(chr(ord(tag) - 0xE0000) for tag in region).upper()
        yield Words(f"flag {code[:2]}-{code[2:]}".rstrip("-"))
    elif country := unit["country"]:
        yield Words("flag " + "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in country))
    elif unit["key"]:
        yield Words(unit["key"])
    else:
        yield from _shown(unit["other"], drawable)


def _shown(sequence: str, drawable: Drawable) -> Iterator[str | Words]:
    """A character or an emoji sequence: unchanged if all of it can be drawn, else a sequence's parts by their names."""
    seen = [character for character in sequence if not _IGNORED.match(character)]
    if len(seen) > 1 and not all(map(drawable, seen)):
        yield from (_named(character) for character in seen)
    elif seen:
        yield from (_one(character, drawable) for character in seen)
    else:
        yield from filter(drawable, sequence)


def _one(character: str, drawable: Drawable) -> str | Words:
    if drawable(character):
        return character
    if character.isspace():
        return " "
    return _in_other_letters(character, drawable) or _in_words(character)


def _in_other_letters(character: str, drawable: Drawable) -> str | Words:
    """Equivalent letters that can be drawn; empty if there are none."""
    ways = (partial(unicodedata.normalize, "NFKC"), partial(unicodedata.normalize, "NFKD"), str.lower, str.upper)
    other = next((other for way in ways if all(map(drawable, other := way(character)))), "")
    return Words(other) if other and unicodedata.decomposition(character).startswith(RAISED) else other


def _in_words(character: str) -> Words:
    letter = _LETTER.fullmatch(unicodedata.name(character, ""))
    if letter and unicodedata.category(character)[0] in "LM":
        return Words(letter["letter"].lower(), f"{letter['script'].capitalize()} ")
    return _named(character)


def _named(character: str) -> Words:
    """Unicode name; the code point if there is none, or if the name only repeats it."""
    if tone := TONES.get(character):
        return Words(tone)
    code = f"{ord(character):04X}"
    name = unicodedata.name(character, code)
    return Words(code, "U+") if name.endswith(code) else Words(name.lower())


def _coded(sequence: str, drawable: Drawable) -> Iterator[str | Words]:
    seen = [character for character in sequence if not _IGNORED.match(character)]
    if all(map(drawable, seen)):
        yield from filter(drawable, sequence)
    else:
        yield from (Words(f"{ord(character):04X}", "U+") for character in seen)
