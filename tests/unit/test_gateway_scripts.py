"""Every script of Unicode on invoices: the drawn text can be read, wherever it stands and in both weights."""

import re
import subprocess
import sys
import unicodedata
from functools import cache
from io import BytesIO

import pytest
from pypdf import PdfReader
from reportlab.lib.pagesizes import A4
from reportlab.platypus import SimpleDocTemplate

from gateway_svc.documents.fonts import ASIAN, BOLD, FONTS, RARE, REGULAR, SCRIPTS
from gateway_svc.documents.invoice import PLAIN, STRONG, invoice_pdf
from gateway_svc.documents.lettering import legible, paragraph
from gateway_svc.documents.right_to_left import goes_right_to_left
from gateway_svc.documents.shaping import shaped
from tests.unit.support.pdf_glyphs import NOTDEF, drawn_characters, drawn_glyphs
from tests.unit.test_gateway_invoice_pdf import invoice, line

ROW = 0x80
"""Scripts begin at such a row of Unicode's table."""

BOX = "\N{WHITE VERTICAL RECTANGLE}"
UNASSIGNED = ("Cn", "Co", "Cs", "Cc")

EVERYDAY = {
    "Arabic": "شاي أخضر",
    "Urdu": "چائے ہے\u06d4",
    "Persian": "می‌خواهم",
    "Uyghur": "ئۇيغۇر چاي",
    "Dhivehi": "ދިވެހި ސައި",
    "Hindi": "हिन्दी श्री क्षत्रिय",
    "Bengali": "বাংলা স্ত্রী",
    "Punjabi": "ਪੰਜਾਬੀ ਸ੍ਰੀ",
    "Gujarati": "ગુજરાતી ક્ષેત્ર",
    "Odia": "ଓଡ଼ିଆ କ୍ଷେତ୍ର",
    "Tamil": "தமிழ் கொண்டு",
    "Telugu": "తెలుగు శ్రీ",
    "Kannada": "ಕನ್ನಡ ಕ್ಷೇತ್ರ",
    "Malayalam": "മലയാളം ക്ഷേത്രം",
    "Sinhala": "ශ්‍රී ලංකා",
    "Thai": "น้ำผึ้ง ที่นี่",
    "Lao": "ນ້ຳເຜິ້ງ ລາວ",
    "Tibetan": "བོད་ཡིག རྒྱལ",
    "Burmese": "မြန်မာ ကြက်သွန်",
    "Khmer": "ខ្មែរ ស្រី",
    "Amharic": "አማርኛ ሻይ",
    "Santali": "ᱥᱟᱱᱛᱟᱲᱤ",
    "Meitei": "ꯃꯤꯇꯩꯂꯣꯟ",
    "Bitcoin": "₿ 5",
}
"""Words of the languages that the Noto fonts are there for."""


@cache
def rows():
    """A sample of each row that has characters: all of it where a script has a font of its own."""
    return [sample for first in range(0, 0x110000, ROW) if (sample := sample_of(first))]


def sample_of(first):
    there = [chr(code) for code in range(first, first + ROW) if unicodedata.category(chr(code)) not in UNASSIGNED]
    whole = re.search(f"[{''.join(SCRIPTS.values())}]", "".join(there))
    return "".join(there if whole else there[:: len(there) // 4 or 1]).replace(BOX, "")


def document(texts, style):
    """A PDF with a paragraph for each text."""
    made = BytesIO()
    SimpleDocTemplate(made, pagesize=A4).build([paragraph(text, style) for text in texts])
    return made.getvalue()


def boxes(pdf):
    return [name for name, glyph in drawn_glyphs(pdf) if glyph == NOTDEF] + [BOX] * (ord(BOX) in drawn_characters(pdf))


def address(text):
    return {"street": text, "city": text, "postcode": text, "country": text}


PLACES = {
    "product": lambda text: {"lines": [line(text)]},
    "customer": lambda text: {"customer": text},
    "address": lambda text: {"address": address(text)},
    "seller": lambda text: {"seller": {"name": text, "address": text, "tax_id": text}},
    "bold": lambda text: {"number": text},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("language", EVERYDAY)
def test_words_of_many_languages_are_drawn_wherever_they_stand(language, place):
    words = EVERYDAY[language]

    assert boxes(invoice_pdf(invoice(**PLACES[place](words)))) == []
    assert legible(words) == words


@pytest.mark.parametrize("style", [PLAIN, STRONG], ids=["regular", "bold"])
@pytest.mark.parametrize("between", ["", " "], ids=["side by side", "apart"])
def test_no_character_of_unicode_is_drawn_as_a_box(between, style):
    texts = [between.join(row[start : start + 30]) for row in rows() for start in range(0, len(row), 30)]

    assert boxes(document(texts, style)) == []


@pytest.mark.parametrize("language", EVERYDAY)
def test_words_can_be_copied_and_searched(language):
    words = EVERYDAY[language]

    pages = PdfReader(BytesIO(document([words], PLAIN))).pages

    told = b" ".join(page.get_contents().get_data() for page in pages).decode("latin-1")
    spans = [bytes.fromhex(span).decode("utf-16-be") for span in re.findall(r"/ActualText <FEFF(\w+)>", told)]
    letters = [word for word in words.split() if word[0] not in "\u20bf5"]
    assert sorted(spans) == sorted(word[::-1] if goes_right_to_left(word) else word for word in letters)


def test_a_document_has_the_same_bytes_whatever_was_drawn_before():
    first = invoice_pdf(invoice(lines=[line("श्री चाय")]))

    invoice_pdf(invoice(lines=[line("क्षत्रिय हिन्दी स्त्री ज्ञान")]))

    assert invoice_pdf(invoice(lines=[line("श्री चाय")])) == first


@pytest.mark.parametrize(
    ("name", "text", "font", "glyphs"),
    [
        ("consonants that join", "क्ष", "NotoSansDevanagari", 1),
        ("a vowel before its consonant", "कि", "NotoSansDevanagari", 2),
        ("a vowel of two parts", "கொ", "NotoSansTamil", 3),
        ("lam and alef", "ال", "NotoSansArabic", 1),
    ],
)
def test_letters_change_beside_others(name, text, font, glyphs):
    made = shaped(text, font)

    assert len(made) == glyphs, name
    assert made[0] != text[0], name


def test_arabic_letters_join():
    alone = {shaped(letter, "NotoSansArabic") for letter in "بيت"}

    assert alone.isdisjoint(shaped("تيب", "NotoSansArabic"))


def test_marks_stand_on_one_another():
    _consonant, vowel, tone = shaped("ที่", "NotoSansThai").__shapeData__
    lower = shaped("ท่", "NotoSansThai")

    assert (vowel.x_advance, tone.x_advance) == (0, 0)
    assert tone.y_offset > lower.__shapeData__[1].y_offset or shaped("ที่", "NotoSansThai")[2] != lower[1]


def test_an_ordinary_invoice_reads_no_more_fonts_than_it_needs():
    script = (
        "from reportlab.pdfbase import pdfmetrics\n"
        "from tests.unit.test_gateway_invoice_pdf import invoice, invoice_pdf, line\n"
        "for name in ('Łódź Чай', 'ชา', '₿', '🎉'):\n"
        "    invoice_pdf(invoice(lines=[line(name)]))\n"
        "    print(*sorted(name for name in pdfmetrics.getRegisteredFontNames() if name.startswith(('D', 'N'))))\n"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    latin, thai, bitcoin, emoji = (line.split() for line in done.stdout.splitlines())
    assert latin == [REGULAR, BOLD]
    assert thai == [*latin, "NotoSansThai"]
    assert bitcoin == emoji == sorted([*thai, RARE])


def test_each_font_is_there_with_its_licence():
    names = {REGULAR, BOLD, ASIAN, RARE, *SCRIPTS}

    assert {path.stem for path in FONTS.glob("*.ttf")} == names
    assert all(any(name.startswith(licence.stem) for licence in FONTS.glob("*.LICENSE")) for name in names)
    assert all(f"{name}.ttf" in (FONTS / "Noto.LICENSE").read_text() for name in (RARE, *SCRIPTS))
