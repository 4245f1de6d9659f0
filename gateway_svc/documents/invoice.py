"""An invoice as a PDF: A4, as many pages as its lines need. Deterministic: the same invoice gives the same bytes."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, SimpleDocTemplate, Spacer, Table

from gateway_svc.documents.fonts import BOLD, REGULAR, load_fonts
from gateway_svc.documents.lettering import paragraph
from shop.contracts.money import Money
from shop.contracts.views import InvoiceView, LineView, MoneyView, SellerView

Style = list[tuple[Any, ...]]

INK, FAINT, RULE, ALARM = HexColor(0x1D2733), HexColor(0x5B6673), HexColor(0xC9D1D9), HexColor(0xA3261C)
MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN
COLUMNS = (WIDTH - 88 * mm, 18 * mm, 35 * mm, 35 * mm)

PLAIN = ParagraphStyle("plain", fontName=REGULAR, fontSize=9.5, leading=13.5, textColor=INK, splitLongWords=True)
RIGHT = ParagraphStyle("right", PLAIN, alignment=TA_RIGHT)
SMALL = ParagraphStyle("small", PLAIN, fontSize=8, leading=11, textColor=FAINT)
SMALL_RIGHT = ParagraphStyle("small right", SMALL, alignment=TA_RIGHT)
STRONG = ParagraphStyle("strong", RIGHT, fontName=BOLD, fontSize=11, leading=15)
TITLE = ParagraphStyle("title", PLAIN, fontName=BOLD, fontSize=16, leading=22)
CREDITED = ParagraphStyle(
    "credited", PLAIN, fontName=BOLD, textColor=ALARM, borderColor=ALARM, borderWidth=1, borderPadding=6
)


def invoice_pdf(invoice: InvoiceView) -> bytes:
    """PDF of an invoice in its RPC form."""
    load_fonts()
    made = BytesIO()
    document = SimpleDocTemplate(
        made,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=25 * mm,
        title=f"Invoice {invoice['number']}",
        author=invoice["seller"]["name"],
        lang="en",
        invariant=1,
    )
    document.build(_story(invoice), canvasmaker=_footed(invoice["seller"]))
    return made.getvalue()


def _story(invoice: InvoiceView) -> list[Flowable]:
    credited = invoice["credited_by"]
    mark = f"Cancelled by credit note {credited}. No payment due."
    return [
        _head(invoice),
        Spacer(0, 12 * mm),
        *([paragraph(mark, CREDITED), Spacer(0, 8 * mm)] if credited else []),
        _lines(invoice["lines"]),
        KeepTogether(_sums(invoice)),
    ]


def _head(invoice: InvoiceView) -> Table:
    """Seller and customer, beside number, date and order."""
    seller = invoice["seller"]
    facts = (("Date", _date(invoice["issued_at"])), ("Order", invoice["order_id"]), ("Customer", invoice["customer"]))
    left = [
        paragraph(f"{seller['name']} · {seller['address']}", SMALL),
        Spacer(0, 4 * mm),
        *(paragraph(line, PLAIN) for line in _recipient(invoice)),
    ]
    right = [paragraph(f"Invoice {invoice['number']}", TITLE), Spacer(0, 2 * mm)]
    for name, value in facts:
        right += [paragraph(name, SMALL), paragraph(value, PLAIN)]
    style: Style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, 0), 0),
        ("RIGHTPADDING", (1, 0), (1, 0), 0),
    ]
    return Table([[left, right]], colWidths=(WIDTH - 80 * mm, 80 * mm), style=style)


def _recipient(invoice: InvoiceView) -> list[str]:
    address = invoice["address"]
    if not address:
        return [invoice["customer"]]
    return [
        invoice["customer"],
        address["street"],
        f"{address['postcode']} {address['city']}",
        address["country"],
    ]


def _lines(lines: Sequence[LineView]) -> Table:
    """One row per line; the header row repeats on every page."""
    head = [paragraph("Product", SMALL), *(paragraph(name, SMALL_RIGHT) for name in ("Quantity", "Price", "Total"))]
    rows = [
        [
            paragraph(line["name"], PLAIN),
            paragraph(str(line["quantity"]), RIGHT),
            paragraph(_money(line["unit_price"]), RIGHT),
            paragraph(_money(line["total"]), RIGHT),
        ]
        for line in lines
    ]
    style: Style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ]
    return Table([head, *rows], colWidths=COLUMNS, repeatRows=1, style=style)


def _sums(invoice: InvoiceView) -> list[Flowable]:
    total, tax = Money.load(invoice["total"]), Money.load(invoice["tax"])
    rows = [
        [paragraph("Net", RIGHT), paragraph(_money((total - tax).dump()), RIGHT)],
        [paragraph(f"Tax, {invoice['tax_percent']} % included", RIGHT), paragraph(_money(tax.dump()), RIGHT)],
        [paragraph("Total", STRONG), paragraph(_money(total.dump()), STRONG)],
    ]
    style: Style = [("LINEABOVE", (0, 2), (-1, 2), 0.8, INK), ("RIGHTPADDING", (-1, 0), (-1, -1), 0)]
    sums = Table(rows, colWidths=(55 * mm, 45 * mm), hAlign="RIGHT", style=style)
    return [Spacer(0, 6 * mm), sums, Spacer(0, 10 * mm), paragraph("Paid from store credit.", SMALL)]


def _footed(seller: SellerView) -> type[Canvas]:
    """A canvas class that adds the seller and the number of pages, known at the end, under each page."""
    words = paragraph(f"{seller['name']} · {seller['address']} · Tax ID {seller['tax_id']}", SMALL)

    class Footed(Canvas):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - ReportLab's name
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]  # missing in the type stubs

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                self._foot(number)
                super().showPage()
            super().save()

        def _foot(self, number: int) -> None:
            for part, left, width in (
                (words, MARGIN, WIDTH - 30 * mm),
                (paragraph(f"Page {number} of {len(self._pages)}", SMALL_RIGHT), MARGIN + WIDTH - 30 * mm, 30 * mm),
            ):
                _, height = part.wrapOn(self, width, 20 * mm)
                part.drawOn(self, left, 18 * mm - height)

    return Footed


def _date(moment: str) -> str:
    day = datetime.fromisoformat(moment)
    return f"{day.day} {day:%B %Y}"


def _money(wire: MoneyView) -> str:
    """Such as `1,234.50 EUR`, kept on one line."""
    whole, dot, fraction = Money.load(wire).text.partition(".")
    return f"{int(whole):,}{dot}{fraction}\N{NO-BREAK SPACE}{wire['currency']}"
