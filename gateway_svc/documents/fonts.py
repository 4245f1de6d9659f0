"""The fonts of the documents, each loaded when the first text needs it.

DejaVu Sans covers most of the world's alphabets, Droid Sans Fallback Chinese, Japanese and Korean; Arabic and the
scripts of South and South-East Asia, Ethiopia and the Maldives have a Noto font each. Only DejaVu Sans has a bold face:
bold text of other scripts is drawn in the regular weight.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parent.parent / "static" / "fonts"
REGULAR, BOLD, ASIAN, RARE = "DejaVuSans", "DejaVuSans-Bold", "DroidSansFallback", "NotoSans"

SCRIPTS = {
    "NotoSansArabic": "\u0600-\u065f\u066a-\u06ef\u06fa-\u06ff\u0750-\u077f\u0870-\u08ff",  # but for the digits
    "NotoSansThaana": "\u0780-\u07bf",
    "NotoSansDevanagari": "\u0900-\u097f\u1cd0-\u1cff\ua8e0-\ua8ff",
    "NotoSansBengali": "\u0980-\u09ff",
    "NotoSansGurmukhi": "\u0a00-\u0a7f",
    "NotoSansGujarati": "\u0a80-\u0aff",
    "NotoSansOriya": "\u0b00-\u0b7f",
    "NotoSansTamil": "\u0b80-\u0bff",
    "NotoSansTelugu": "\u0c00-\u0c7f",
    "NotoSansKannada": "\u0c80-\u0cff",
    "NotoSansMalayalam": "\u0d00-\u0d7f",
    "NotoSansSinhala": "\u0d80-\u0dff",
    "NotoSansThai": "\u0e01-\u0e3a\u0e40-\u0e7f",
    "NotoSansLao": "\u0e80-\u0eff",
    "NotoSerifTibetan": "\u0f00-\u0fff",
    "NotoSansMyanmar": "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f",
    "NotoSansEthiopic": "\u1200-\u139f\u2d80-\u2ddf\uab00-\uab2f",
    "NotoSansKhmer": "\u1780-\u17ff\u19e0-\u19ff",
    "NotoSansOlChiki": "\u1c50-\u1c7f",
    "NotoSansMeeteiMayek": "\uaae0-\uaaff\uabc0-\uabff",
}
"""Unicode blocks of the scripts with a font of their own, as a regular expression's class. All are shaped."""

RIGHT_TO_LEFT = ("NotoSansArabic", "NotoSansThaana")
"""Fonts of right-to-left scripts."""

RARE_LETTERS = (
    "\u0100-\u052f\u1c80-\u1c8f\u1d00-\u1dbf\u1e00-\u1eff\u2000-\u214f\u2c60-\u2c7f"
    "\ua640-\ua69f\ua720-\ua7ff\uab30-\uab6f"
)
"""Blocks in which the font of rare letters fills gaps of DejaVu Sans, such as currency signs."""

_OWN = re.compile("|".join(f"(?P<{name}>[{blocks}])" for name, blocks in SCRIPTS.items()))
_ANY_OWN = re.compile(f"[{''.join(SCRIPTS.values())}]")
_RARE = re.compile(f"[{RARE_LETTERS}]")


@cache
def load_fonts() -> None:
    """Load the fonts for most texts, once; takes a tenth of a second."""
    for name in (REGULAR, BOLD):
        font(name)
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


@cache
def font(name: str) -> Any:
    """The font of this name, loaded and registered with ReportLab at the first call."""
    pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))
    return pdfmetrics.getFont(name)


def has_all(name: str, text: str) -> bool:
    """Whether the font has each character of the text, and none belongs to a script with its own font."""
    return not _ANY_OWN.search(text) and font(name).face.charToGlyph.keys() >= set(map(ord, text))


@lru_cache(maxsize=4096)
def font_for(character: str, wanted: str) -> str:
    """The font for a character; an empty name if no font has it.

    Args:
        wanted: preferred, unless the character's script has its own font.
    """
    return next((name for name in _candidates(character, wanted) if has(name, character)), "")


def has(name: str, character: str) -> bool:
    """Whether the font has a glyph for the character."""
    return ord(character) in font(name).face.charToGlyph


def _candidates(character: str, wanted: str) -> Iterator[str]:
    """Fonts that may have the character. Others are not even loaded: large ones take long."""
    own = _OWN.match(character)
    if own:
        yield str(own.lastgroup)
    yield from (wanted, REGULAR)
    if _RARE.match(character):
        yield RARE
    elif not own and character <= "\uffff":
        yield ASIAN
