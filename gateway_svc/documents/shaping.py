"""Text shaping with HarfBuzz: which glyphs a run of text takes, and their positions.

Arabic letters join, Indic consonants form conjuncts with vowels around them, Thai marks stack. Glyphs for that have no
code point; in a document they get one of the private use area, derived from the glyph's number in the font, so that the
same text always gives the same bytes. `lettering` adds the original text (`ActualText`) for copying and searching.

HarfBuzz is imported at the first run that needs shaping: invoices in other scripts do without it.
"""

from functools import cache, lru_cache
from typing import Any

from reportlab.pdfbase.ttfonts import ShapeData, ShapedStr

from gateway_svc.documents.fonts import FONTS, RIGHT_TO_LEFT, font
from gateway_svc.documents.right_to_left import reversed_clusters

PRIVATE = 0xE000
"""First code point for glyphs without a character; there are 6,400, more than any of the fonts has glyphs."""


@lru_cache(maxsize=1024)
def shaped(text: str, name: str) -> ShapedStr:
    """Positioned glyphs from left to right, each a character to ReportLab.

    Args:
        text: a run in visual order.
    """
    import uharfbuzz

    buffer = uharfbuzz.Buffer()
    buffer.add_str(reversed_clusters(text) if name in RIGHT_TO_LEFT else text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(_harfbuzz(name), buffer)
    glyphs = [info.codepoint for info in buffer.glyph_infos]
    places = [_place(name, *pair) for pair in zip(glyphs, buffer.glyph_positions, strict=True)]
    made: Any = ShapedStr  # the type stubs know a single position
    text_of_glyphs: ShapedStr = made("".join(_character(name, glyph) for glyph in glyphs), places)
    return text_of_glyphs


def shaped_width(text: str, name: str, size: float) -> float:
    """Width in points."""
    made: Any = shaped(text, name)
    return float(sum(place.x_advance for place in made.__shapeData__)) * size / 1000


def _place(name: str, glyph: int, position: Any) -> ShapeData:
    scale = font(name).pdfScale
    width = scale(_harfbuzz(name).get_glyph_h_advance(glyph))
    return ShapeData(
        cluster=0,
        x_advance=scale(position.x_advance),
        y_advance=scale(position.y_advance),
        x_offset=scale(position.x_offset),
        y_offset=scale(position.y_offset),
        width=width,
    )


def _character(name: str, glyph: int) -> str:
    """Character of a glyph; a private one, the same in every document, if the font has none."""
    face = font(name).face
    if known := face.glyphToChar.get(glyph):
        return chr(known[0])
    face.charToGlyph[PRIVATE + glyph] = glyph
    face.charWidths[PRIVATE + glyph] = font(name).pdfScale(_harfbuzz(name).get_glyph_h_advance(glyph))
    return chr(PRIVATE + glyph)


@cache
def _harfbuzz(name: str) -> Any:
    import uharfbuzz

    return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(FONTS / f"{name}.ttf"))))
