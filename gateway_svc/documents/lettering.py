"""Text of any script in PDFs.

Each run of a text is in a font that has its characters (`fonts`); the glyphs that are used are embedded. A character
that no font has is replaced by readable text (`readable`). ReportLab lays out most texts by itself; right-to-left text
and scripts that need shaping are broken into lines and drawn here.

Limits: N'Ko is not shaped, Urdu is not in Nastaliq, and a full line of Thai, Lao, Khmer or Burmese, which have no
spaces between words, ends between any two grapheme clusters.
"""

import unicodedata
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph

from gateway_svc.documents.fonts import REGULAR, RIGHT_TO_LEFT, SCRIPTS, font_for, has, has_all, load_fonts
from gateway_svc.documents.lines import JOINERS, broken
from gateway_svc.documents.readable import readable
from gateway_svc.documents.right_to_left import begins_on_the_right, drawn, goes_right_to_left, reversed_clusters
from gateway_svc.documents.shaping import shaped, shaped_width

Run = tuple[str, str]
"""A run of text and its font."""


def paragraph(text: str, style: ParagraphStyle) -> Flowable:
    """A text of any script and direction as an element of a document."""
    load_fonts()
    if has_all(style.fontName, text) and not goes_right_to_left(text):
        return Paragraph(escape(text), style)
    shown = legible(text, style.fontName)
    runs = _runs(shown, style.fontName)
    if goes_right_to_left(shown) or any(name in SCRIPTS for _, name in runs):
        return TextLines(shown, style)
    return Paragraph("".join(_markup(run, name, style.fontName) for run, name in runs), style)


def legible(text: str, font: str = REGULAR) -> str:
    """The text with a readable replacement of each character that no font has."""
    load_fonts()
    return text if has_all(font, text) else readable(text, lambda character: bool(font_for(character, font)))


class TextLines(Flowable):
    """A text that ReportLab's paragraphs cannot lay out: with right-to-left parts, or to be shaped.

    Attributes:
        lines: as they are drawn, once the width is known.
    """

    def __init__(self, text: str, style: ParagraphStyle) -> None:
        super().__init__()
        self._text, self._style = text, style
        self._turns = goes_right_to_left(text)
        self.lines: list[str] = []
        self.width = 0.0

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        if available_width != self.width:  # tables ask several times
            self.lines, self.width = self._lines(available_width), available_width
            self.height = self._style.leading * len(self.lines)
        return self.width, self.height

    def draw(self) -> None:
        for number, line in enumerate(self.lines):
            left = self.width - self._width_of(line) if self._style.alignment == TA_RIGHT else 0.0
            self._draw(line, left, self.height - self._style.fontSize - number * self._style.leading)

    def _lines(self, width: float) -> list[str]:
        if not self._turns:
            return broken(self._text, width, self._width_of)
        read = broken(self._text, width, lambda line: self._width_of(reversed_clusters(line)))
        from_right = begins_on_the_right(self._text)
        return [drawn(line, from_right=from_right) for line in read]

    def _draw(self, line: str, left: float, bottom: float) -> None:
        for run, name in _runs(line, self._style.fontName):
            _draw(self.canv, run, name, self._style, (left, bottom))
            left += _width(run, name, self._style.fontSize)

    def _width_of(self, line: str) -> float:
        return sum(_width(run, name, self._style.fontSize) for run, name in _runs(line, self._style.fontName))


def _runs(text: str, font: str) -> list[Run]:
    """Runs of the text, each with the font that has its characters."""
    if has_all(font, text):
        return [(text, font)]
    runs: list[Run] = []
    for character in text:
        before, name = runs[-1] if runs else ("", "")
        if name in SCRIPTS and _stays(character, name, font):
            runs[-1] = (before + character, name)
            continue
        wanted = font_for(character, font) or font
        if wanted == name:
            runs[-1] = (before + character, name)
        else:
            runs.append((character, wanted))
    return runs


def _stays(character: str, name: str, font: str) -> bool:
    """Whether a character continues a script's run: a combining mark, a joiner, or punctuation that scripts share."""
    belongs = unicodedata.category(character)[0] == "M" or character in JOINERS or font_for(character, font) in SCRIPTS
    return belongs and has(name, character)


def _markup(text: str, name: str, font: str) -> str:
    return escape(text) if name == font else f'<font name="{name}">{escape(text)}</font>'


def _width(text: str, name: str, size: float) -> float:
    """Width in points."""
    return shaped_width(text, name, size) if name in SCRIPTS else stringWidth(text, name, size)


def _draw(canvas: Canvas, text: str, name: str, style: ParagraphStyle, at: tuple[float, float]) -> None:
    pen = canvas.beginText(*at)
    pen.setFont(name, style.fontSize, style.leading)
    pen.setFillColor(style.textColor)
    if name not in SCRIPTS:
        pen.textOut(text)
        canvas.drawText(pen)
        return
    pen.textOut(shaped(text, name))
    # In visual order: viewers reorder extracted text themselves, as they do with all right-to-left text.
    read = reversed_clusters(text)[::-1] if name in RIGHT_TO_LEFT else text
    canvas.addLiteral(f"/Span <</ActualText <FEFF{read.encode('utf-16-be').hex()}>>> BDC")
    canvas.drawText(pen)
    canvas.addLiteral("EMC")
