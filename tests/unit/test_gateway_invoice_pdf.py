"""Invoices on paper: their texts, in any script, however long."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from gateway_svc.documents.fonts import ASIAN, REGULAR
from gateway_svc.documents.invoice import PLAIN, invoice_pdf
from gateway_svc.documents.lettering import paragraph

A4_POINTS = (595, 842)


def euros(cents):
    return {"amount": cents, "currency": "EUR"}


def line(name="Tea", quantity=2, cents=1998):
    return {
        "product_id": "11111111-1111-4111-8111-111111111111",
        "name": name,
        "quantity": quantity,
        "unit_price": euros(cents),
        "total": euros(quantity * cents),
    }


def invoice(**changes):
    return {
        "number": "2026-000123",
        "order_id": "33333333-3333-4333-8333-333333333333",
        "customer": "anna",
        "address": {"street": "1 Lane", "city": "Bath", "postcode": "BA1", "country": "GB"},
        "seller": {"name": "Tea & Co", "address": "1 Market Square, 10115 Berlin, DE", "tax_id": "DE000000000"},
        "lines": [line()],
        "tax_percent": "19",
        "tax": euros(638),
        "total": euros(3996),
        "issued_at": "2026-11-23T09:30:00.123Z",
        "credited_by": None,
        **changes,
    }


def pages(**changes):
    return PdfReader(BytesIO(invoice_pdf(invoice(**changes)))).pages


def words(**changes):
    """The text of all pages, blanks of every kind as one."""
    return " ".join(" ".join(page.extract_text() for page in pages(**changes)).split())


@pytest.mark.parametrize(
    "expected",
    [
        "Invoice 2026-000123",
        "23 November 2026",
        "Order 33333333-3333-4333-8333-333333333333",
        "anna 1 Lane BA1 Bath GB",
        "Tea & Co · 1 Market Square, 10115 Berlin, DE",
        "Tax ID DE000000000",
        "Tea 2 19.98 EUR 39.96 EUR",
        "Net 33.58 EUR",
        "Tax, 19 % included 6.38 EUR",
        "Total 39.96 EUR",
        "Page 1 of 1",
    ],
)
def test_an_invoice_shows(expected):
    assert expected in words()


def test_it_is_a4():
    (page,) = pages()

    assert (int(page.mediabox.width), round(page.mediabox.height)) == A4_POINTS


def test_the_same_invoice_gives_the_same_bytes():
    assert invoice_pdf(invoice()) == invoice_pdf(invoice())


def test_an_invoice_that_was_taken_back_says_so():
    assert "credit note" not in words()
    assert "Cancelled by credit note C2026-000001" in words(credited_by="C2026-000001")


def test_without_an_address_it_goes_to_the_customer():
    assert "Berlin, DE anna Invoice" in words(address=None)


def test_large_amounts_are_grouped():
    assert "Total 9,999,999.99 EUR" in words(total=euros(999_999_999))


def test_a_currency_without_decimals_has_none():
    yen = {"amount": 1980, "currency": "JPY"}

    assert "Total 1,980 JPY" in words(total=yen, tax={"amount": 0, "currency": "JPY"})


@pytest.mark.parametrize(
    "name", ["Łódź", "Ωμέγα", "Чай", "Հայ", "茶碗", "お茶", "차", "Crème brûlée", "½ § €", "<b>&amp;"]
)
def test_names_in_any_script_can_be_read(name):
    assert name in words(lines=[line(name)])


def test_the_fonts_are_in_the_document():
    (page,) = pages(lines=[line("Чай 茶碗")])

    embedded = {
        font.get_object()["/BaseFont"].partition("+")[2]
        for font in page["/Resources"]["/Font"].values()
        if "/FontDescriptor" in font.get_object()
    }

    assert embedded >= {REGULAR, ASIAN}


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("ירושלים", "םילשורי"),
        ("تفاح", "حافت"),
        ("Tea שלום 12", "Tea 12 םולש"),
        ("<תה>", "<הת>"),
        ("ไทย תה", "ไทย הת"),
    ],
)
def test_names_from_right_to_left_are_drawn_so(name, drawn):
    text = paragraph(name, PLAIN)
    text.wrap(200, 100)

    assert text.lines == [drawn]
    assert words(lines=[line(name)], address={"street": name, "city": name, "postcode": "1", "country": "IL"})


def test_a_long_name_from_right_to_left_begins_in_the_first_line():
    text = paragraph(" ".join(["ראשון", *["מילה"] * 30, "אחרון"]), PLAIN)
    width, height = text.wrap(200, 1000)

    assert text.lines[0].endswith("ראשון"[::-1])
    assert text.lines[-1].startswith("אחרון"[::-1])
    assert (width <= 200, height) == (True, len(text.lines) * PLAIN.leading)


@pytest.mark.parametrize("name", ["x" * 200, "word " * 40, "漢" * 200], ids=["one word", "many words", "no blanks"])
def test_a_long_name_wraps_beside_its_price(name):
    (page,) = pages(lines=[line(name)])
    ends = []

    page.extract_text(visitor_text=lambda text, _cm, tm, _font, _size: ends.append(tm[4]) if text.strip() else None)

    assert "".join(name.split()) in "".join(page.extract_text().split())
    assert max(ends) < A4_POINTS[0]


def test_fifty_lines_take_more_pages_each_with_the_head_of_the_table():
    found = [page.extract_text() for page in pages(lines=[line(f"Product {n}") for n in range(1, 51)])]

    assert len(found) > 1
    assert all("Quantity" in page and f"Page {n} of {len(found)}" in page for n, page in enumerate(found, start=1))
    assert "Product 1\n" in found[0]
    assert "Product 50\n" in found[-1]
