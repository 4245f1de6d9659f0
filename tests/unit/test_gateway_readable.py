"""Replacements for characters that no font has."""

import pytest

from gateway_svc.documents.invoice import PLAIN, invoice_pdf
from gateway_svc.documents.lettering import legible, paragraph
from gateway_svc.documents.readable import LONGEST
from tests.unit.test_gateway_invoice_pdf import invoice, line, words

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
PICTURES = "".join(map(chr, range(0x1F300, 0x1F321))) + "".join(map(chr, range(0x1F337, 0x1F38E)))


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("nothing to do", "Tea & 茶", "Tea & 茶"),
        ("an emoji", "Tea \U0001f389", "Tea (party popper)"),
        ("several", "\U0001f389\U0001f38a", "(party popper, confetti ball)"),
        ("a family", FAMILY, "(man, woman, girl)"),
        ("with a skin tone", "\U0001f44d\U0001f3fd", "(thumbs up sign, medium skin tone)"),
        ("joined with what could be drawn", "\u2764\ufe0f\u200d\U0001f525", "(heavy black heart, fire)"),
        ("as a picture, though there is a letter", "\u2764\ufe0f\U0001f389", "\u2764(party popper)"),
        ("a country", "\U0001f1e9\U0001f1ea", "(flag DE)"),
        ("half of one", "\U0001f1e9!", "(regional indicator symbol letter d)!"),
        ("a region", ENGLAND, "(flag GB-ENG)"),
        ("a key", "1\ufe0f\u20e3", "(1)"),
        ("of later than all that Python knows", "\U0001fbfe", "(U+1FBFE)"),
        ("rare ideographs", "\U00020bb7\U00020bb8野家", "(U+20BB7 20BB8)野家"),
        ("with a variant", "\U00020bb7\U000e0100", "(U+20BB7)"),
        ("a variant of a common one", "\u845b\U000e0100\U0001f389", "\u845b(party popper)"),
        ("letters of another script", "\u13e3\u13b3\u13a9 5", "(Cherokee tsa la gi) 5"),
        ("with marks", "\ua98f\ua9b6", "(Javanese ka wulu)"),
        ("mathematical letters", "\U0001d4af\U0001d452\U0001d4b6", "Tea"),
        ("in a circle", "5\u246a", "5(11)"),
        ("capitals", "\u1c90\u1c91", "\u10d0\u10d1"),
        ("a ligature", "\ufb17\U0001f389", "\ufb17(party popper)"),
        ("private", "a\U000f0000b", "a(U+F0000)b"),
        ("a line break", "a\nb", "a b"),
    ],
)
def test_what_no_font_has_is_replaced(name, text, shown):
    assert legible(text) == shown, name


def test_a_name_of_pictures_alone_is_not_empty_on_paper():
    assert "(party popper) 2 19.98 EUR" in words(lines=[line("\U0001f389")])


def test_it_stands_in_its_place_in_a_text_from_right_to_left():
    text = paragraph("\u05e9\u05dc\u05d5\u05dd \U0001f389 12", PLAIN)
    text.wrap(400, 100)

    assert text.lines == ["12 (party popper) \u05dd\u05d5\u05dc\u05e9"]


@pytest.mark.parametrize(
    "pictures",
    [PICTURES, " ".join(PICTURES), "a".join(PICTURES), FAMILY * 24, "\ufdfa" * 120],
    ids=["side by side", "apart", "between letters", "families", "a whole saying in each"],
)
def test_what_would_be_too_long_for_a_page_is_told_by_codes(pictures):
    many = pictures[:120]
    address = {"street": many, "city": many, "postcode": many[:20], "country": "DE"}

    assert legible(many).startswith(f"(U+{ord(many[0]):X}")
    assert len(legible(many)) < 2 * LONGEST
    assert invoice_pdf(invoice(lines=[line(many)], address=address)).startswith(b"%PDF")
