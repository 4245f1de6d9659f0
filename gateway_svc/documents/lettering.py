"""Text of any script in PDFs.

The used characters of the fonts are embedded: DejaVu Sans for most of the world's alphabets, Droid Sans Fallback for
Chinese, Japanese and Korean. A character that is in neither font becomes a box.
"""

from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph

from gateway_svc.documents.right_to_left import begins_on_the_right, broken, drawn, goes_right_to_left

FONTS = Path(__file__).parent.parent / "static" / "fonts"
REGULAR, BOLD, ASIAN = "DejaVuSans", "DejaVuSans-Bold", "DroidSansFallback"
UNKNOWN = "\N{WHITE VERTICAL RECTANGLE}"
"""Replaces a character that no font has."""


@cache
def load_fonts() -> None:
    """Load the fonts for most texts, once; takes a tenth of a second."""
    for name in (REGULAR, BOLD):
        _load(name)
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


@cache
def _load(name: str) -> None:
    pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))


def lettered(text: str, font: str = REGULAR) -> str:
    """The text as ReportLab's markup, each stretch in a font that has its characters."""
    runs = _runs(text, font)
    if len(runs) == 1 and runs[0][0] == font:
        return escape(text)
    return "".join(_run(run, name) for name, run in runs)


def paragraph(text: str, style: ParagraphStyle) -> Flowable:
    """A text of any script and direction as an element of a document."""
    load_fonts()
    return RightToLeft(text, style) if goes_right_to_left(text) else Paragraph(lettered(text, style.fontName), style)


class RightToLeft(Flowable):
    """A text with right-to-left parts: broken into lines first, which are then reordered for display.

    Attributes:
        lines: as they are drawn, once the width is known.
    """

    def __init__(self, text: str, style: ParagraphStyle) -> None:
        super().__init__()
        self._text, self._style = text, style
        self._drawing = Paragraph("", style)
        self.lines: list[str] = []

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        font, size = self._style.fontName, self._style.fontSize
        from_right = begins_on_the_right(self._text)
        read = broken(self._text, available_width, lambda line: _width(line, font, size))
        self.lines = [drawn(line, from_right=from_right) for line in read]
        self._drawing = Paragraph("<br/>".join(lettered(line, font) for line in self.lines), self._style)
        return self._drawing.wrap(available_width, available_height)

    def draw(self) -> None:
        self._drawing.drawOn(self.canv, 0, 0)


def _runs(text: str, font: str) -> list[tuple[str, str]]:
    """Runs of the text, each with the font that has its characters; an empty font name if none has."""
    load_fonts()
    if not _missing(text, font):
        return [(font, text)]
    _load(ASIAN)
    runs = groupby(text, lambda character: next((name for name in (font, ASIAN) if not _missing(character, name)), ""))
    return [(name, "".join(characters)) for name, characters in runs]


def _width(text: str, font: str, size: float) -> float:
    """Width in points."""
    runs = [(name or font, run if name else UNKNOWN * len(run)) for name, run in _runs(text, font)]
    return float(sum(pdfmetrics.stringWidth(run, name, size) for name, run in runs))


def _run(text: str, font: str) -> str:
    return f'<font name="{font}">{escape(text)}</font>' if font else UNKNOWN * len(text)


def _missing(text: str, font: str) -> bool:
    """Whether the font lacks one of the characters."""
    loaded: Any = pdfmetrics.getFont(font)
    glyphs = loaded.face.charToGlyph
    return any(ord(character) not in glyphs for character in text)
