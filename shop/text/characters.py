"""Characters allowed in texts. Invisible ones are dropped if they have no meaning, else refused.

| Class | Examples | Treatment |
|---|---|---|
| without a glyph, and without meaning | soft hyphen, zero-width space, byte order mark, direction marks | dropped |
| joiners, variation selectors | in Persian, Hindi, emoji, Japanese names | kept where meaningful, else dropped |
| embedded directions | U+202A to U+202E, U+2066 to U+2069 | dropped at the ends, else refused: they show another text |
| tags | U+E0000 to U+E007F | kept in flags, else refused: they can hide a text |
| control characters, lone surrogates | NUL, escape | refused |
| private use, unassigned | U+E000, U+FFFF | refused: their display differs between systems |

Emoji of Unicode versions later than Python's are accepted.
"""

import re
import unicodedata

DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001))))
CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
CONTROLS_BUT_LAYOUT = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"

DROPPED = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2064\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U000e0100-\U000e01ef"
)
REFUSED = f"{DIRECTIONS}\u206a-\u206f\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
MONGOLIAN = "\u1820-\u18aa"
JOINING = (
    f"\u0620-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17b3\u17b6-\u17ff{MONGOLIAN}\ufb50-\ufdff\ufe70-\ufefc"
    "\U00011000-\U00011fff"
)
"""Blocks of scripts with contextual letter forms: Arabic and related scripts, Indic, Khmer, Mongolian."""

VIRAMAS = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2"
PICTURES = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001fbff\U0001fc00-\U0001fffd"
)
FLAG = "\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f"

_DROPPED = re.compile(
    # Where they have a meaning:
    rf"(?P<kept>(?<=[{JOINING}])[\u200c\u200d\u180e](?=[{JOINING}])|(?<=[{VIRAMAS}])\u200d"
    rf"|(?<=[{MONGOLIAN}])[\u180b-\u180d\u180f]|(?<=[{HAN}])[\ufe00-\ufe02\U000e0100-\U000e01ef]"
    rf"|(?<=[#*0-9{PICTURES}])[\ufe0e\ufe0f]|(?:(?<=[{PICTURES}])|(?<=[{PICTURES}]\ufe0f))\u200d(?=[{PICTURES}]))"
    # And everywhere else:
    rf"|[{DROPPED}]"
)
_CONTROL = re.compile(f"[{CONTROLS}]")
_CONTROL_BUT_LAYOUT = re.compile(f"[{CONTROLS_BUT_LAYOUT}]")
_REFUSED = re.compile(f"[{REFUSED}]")
_FLAG = re.compile(FLAG)
_PICTURE = re.compile(f"[{PICTURES}]")


def tidy(text: str) -> str:
    """The text without invisible characters from copy and paste, in normal form (NFC), and stripped."""
    if text.isascii():
        return text.strip()
    seen = _DROPPED.sub(lambda found: found["kept"] or "", text)
    return unicodedata.normalize("NFC", seen.strip(BLANKS + DIRECTIONS))


def has_controls(text: str, *, layout: bool = False) -> bool:
    """Whether the text has control characters or lone surrogates.

    Args:
        layout: allow line breaks and tabs.
    """
    return bool((_CONTROL_BUT_LAYOUT if layout else _CONTROL).search(text))


def unfit(text: str) -> str:
    """The first forbidden character that is no control character; empty without any."""
    if text.isascii():
        return ""
    rest = _FLAG.sub("", text)
    hidden = _REFUSED.search(rest)
    return hidden[0] if hidden else next((letter for letter in rest if _is_nothing(letter)), "")


def is_visible(text: str) -> bool:
    """Whether the text has more than whitespace and characters without a glyph."""
    return any(unicodedata.category(letter)[0] not in "ZC" and letter != "\u2800" for letter in text)


def code_of(letter: str) -> str:
    """The code point's name, such as U+202E."""
    return f"U+{ord(letter):04X}"


def one_line(text: str) -> str:
    """The searchable part of a text from a search field."""
    plain = "".join(letter for letter in _CONTROL.sub(" ", text) if not unfit(letter))
    return " ".join(tidy(plain).split())


def _is_nothing(letter: str) -> bool:
    return unicodedata.category(letter) in ("Co", "Cn") and not _PICTURE.match(letter)
