"""The glyphs drawn in a PDF, as numbers in the fonts that are embedded in it."""

import re
from io import BytesIO
from struct import unpack_from

from pypdf import PdfReader
from pypdf.generic import ContentStream

NOTDEF = 0
"""The glyph that a font has for characters that it lacks, mostly a box."""


def drawn_glyphs(pdf):
    """The name of the font and the number of each glyph, in the order of drawing."""
    reader = PdfReader(BytesIO(pdf))
    return [glyph for page in reader.pages for glyph in _glyphs_of(page, reader)]


def drawn_characters(pdf):
    """The codes of what is drawn, as told to programs that copy it; a glyph without one has one for private use."""
    fonts = [
        font.get_object() for page in PdfReader(BytesIO(pdf)).pages for font in page["/Resources"]["/Font"].values()
    ]
    maps = [font["/ToUnicode"].get_object().get_data().decode() for font in fonts if "/ToUnicode" in font]
    return {int(code, 16) for told in maps for code in re.findall(r"^<\w\w> <(\w+)>$", told, re.MULTILINE)}


def _glyphs_of(page, reader):
    fonts = {name: font.get_object() for name, font in page["/Resources"]["/Font"].items()}
    tables = {name: _glyph_table(font) for name, font in fonts.items() if "/FontDescriptor" in font}
    current = ""
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator == b"Tf":
            current = operands[0]
        shown = operands if operator == b"Tj" else operands[0] if operator == b"TJ" else []
        for text in shown:
            if hasattr(text, "original_bytes"):
                yield from ((fonts[current]["/BaseFont"], tables[current][code]) for code in text.original_bytes)


def _glyph_table(font):
    """The glyph of each code, from the only table of its kind that ReportLab writes (format 6)."""
    data = font["/FontDescriptor"]["/FontFile2"].get_data()
    tables = {data[at : at + 4]: unpack_from(">I", data, at + 8)[0] for at in range(12, 12 + 16 * data[5], 16)}
    start = tables[b"cmap"] + unpack_from(">I", data, tables[b"cmap"] + 8)[0]
    form, _length, _language, first, count = unpack_from(">5H", data, start)
    assert (form, first) == (6, 0)
    return unpack_from(f">{count}H", data, start + 10)
