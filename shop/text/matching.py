"""Comparison of texts, for search and sorting.

Services and websites share one definition for all languages: a shop has names in many, and visitors type base letters
for those that their keyboards lack.
"""

import re
import unicodedata

MOST_WORDS = 10
"""Words of a search that count; each costs a comparison with every text."""

BETWEEN = "\n"
"""Separator of texts that are searched or sorted together. No word contains it, and it sorts before every letter."""

LONGEST_SORT_KEY = 120
"""Characters of either half of a sort key: longer ones would not fit an index of PostgreSQL, nor a cursor."""

ACCENTS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
"""Combining diacritics of Latin, Greek and Cyrillic. In other scripts, marks can be vowels that change a word."""

IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Characters without a glyph (Unicode property Default_Ignorable_Code_Point)."""

SPELLINGS = {
    **dict(zip("øłđðħŧıŋĸɨɓɗƙƴ", "olddhtinkibdky", strict=True)),
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02b9\u02bb\u02bc\u02be\u02bf`", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
}
"""Base letters of letters without a decomposition in Unicode; quotes and dashes as on keyboards."""

_RESPELLED = re.compile(f"[{ACCENTS}{IGNORABLE}{''.join(SPELLINGS)}]")


def fold(text: str) -> str:
    """The text for comparison: without differences of case, accents, compatibility forms and invisible characters.

    Idempotent.
    """
    if text.isascii():
        return text.lower().replace("`", "'")
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", _RESPELLED.sub(_spelling, apart))


def words_of(query: str) -> tuple[str, ...]:
    """The folded words of a search. A text matches if its folded form contains each of them.

    Returns: at most `MOST_WORDS` words; none for an empty search.
    """
    words = fold(query).split() or query.split()  # accents alone would match no text
    return tuple(dict.fromkeys(words))[:MOST_WORDS]


def searched(*texts: str) -> str:
    """Several texts as one, for searching."""
    return fold(BETWEEN.join(texts))


def fits(query: str, *texts: str) -> bool:
    """Whether each word of a search is contained in one of the texts."""
    within = searched(*texts)
    return all(word in within for word in words_of(query))


def sort_key(text: str) -> str:
    """Sort key, compared by code points: the folded text, and among equals the text itself."""
    return f"{fold(text)[:LONGEST_SORT_KEY]}{BETWEEN}{text[:LONGEST_SORT_KEY]}"


def _spelling(found: re.Match[str]) -> str:
    return SPELLINGS.get(found[0], "")
