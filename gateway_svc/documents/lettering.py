"""Text in PDFs, in whatever script it is written.

The fonts are embedded, those characters of them that are used: DejaVu Sans for most of the world's alphabets, Droid
Sans Fallback for Chinese, Japanese and Korean. Scripts from right to left are not set as they should be.
"""

from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parent.parent / "static" / "fonts"
REGULAR, BOLD, ASIAN = "DejaVuSans", "DejaVuSans-Bold", "DroidSansFallback"
UNKNOWN = "\N{WHITE VERTICAL RECTANGLE}"
"""Stands for a character that no font has."""


@cache
def load_fonts() -> None:
    """Read the fonts for most texts, once; it takes a tenth of a second."""
    for name in (REGULAR, BOLD):
        _load(name)
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


@cache
def _load(name: str) -> None:
    pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))


def lettered(text: str, font: str = REGULAR) -> str:
    """The text as ReportLab's markup, each stretch in a font that has its characters."""
    load_fonts()
    if not _missing(text, font):
        return escape(text)
    _load(ASIAN)
    runs = groupby(text, lambda character: next((name for name in (font, ASIAN) if not _missing(character, name)), ""))
    return "".join(_run("".join(characters), name) for name, characters in runs)


def _run(text: str, font: str) -> str:
    return f'<font name="{font}">{escape(text)}</font>' if font else UNKNOWN * len(text)


def _missing(text: str, font: str) -> bool:
    """Whether the font lacks one of the characters."""
    loaded: Any = pdfmetrics.getFont(font)
    glyphs = loaded.face.charToGlyph
    return any(ord(character) not in glyphs for character in text)
