"""Plots, invoices and revenue, audit and dead letters."""

import csv
import re
from io import StringIO

import pytest

from backoffice_web.charts import revenue_chart, status_chart
from shop.http.client import HttpReply, Problem
from tests.web.support.fake_gateway import NOW, UNAVAILABLE, eur, invoice, order, page_of
from tests.web.support.managing import AUDIT, LETTER, Manager, backoffice, counts, revenue
from tests.web.support.visiting import words


@pytest.fixture
def manager():
    return Manager()


@pytest.fixture
def in_english():
    with backoffice().test_request_context("/"):
        yield


# Plots


def test_the_highest_month_fills_the_plot_and_empty_ones_are_flat(in_english):
    chart = revenue_chart(revenue(march="100.00", april="50.00"))

    heights = [bar.height for bar in chart.bars]
    assert len(heights) == 12
    assert heights[2] == pytest.approx(2 * heights[3], abs=0.2)
    assert [height for index, height in enumerate(heights) if index not in (2, 3)] == [0] * 10
    assert {round(bar.y + bar.height, 1) for bar in chart.bars} == {chart.base}
    assert (chart.bars[2].name, chart.bars[2].text, chart.bars[0].text) == ("Mar", "€100", "")
    assert all(bar.y >= 0 and bar.y + bar.height <= chart.height for bar in chart.bars)


def test_a_month_with_more_credited_than_invoiced_hangs_below_the_line(in_english):
    chart = revenue_chart(revenue(march="100.00", april="-50.00"))

    assert chart.bars[3].y == chart.base
    assert chart.bars[3].height == pytest.approx(chart.bars[2].height / 2, abs=0.2)
    assert chart.bars[3].y + chart.bars[3].height <= chart.height


@pytest.mark.parametrize(
    ("months", "scale"),
    [
        ({"march": "100.00"}, ["0", "25", "50", "75", "100"]),
        ({"march": "83000.00", "april": "1.00"}, ["0", "25K", "50K", "75K"]),
        ({"march": "100.00", "april": "-50.00"}, ["-50", "0", "50", "100"]),
        ({"march": "0.40"}, ["0", "0.1", "0.2", "0.3", "0.4"]),
        ({}, ["0"]),
    ],
)
def test_the_scale_of_a_plot_has_a_few_round_numbers(in_english, months, scale):
    chart = revenue_chart(revenue(**months))

    assert [line.text for line in chart.lines] == scale
    assert chart.unit == "EUR"
    assert {line.y for line in chart.lines if line.text == "0"} == {chart.base}
    assert all(0 <= line.y <= chart.height for line in chart.lines)
    assert all(bar.x >= chart.left for bar in chart.bars)


def test_large_sums_are_short(in_english):
    assert revenue_chart(revenue(march="1234567.00")).bars[2].text == "€1.2M"


@pytest.mark.parametrize(
    ("amount", "language", "text"),
    [
        ("1751.40", "en", "€1.8K"),
        ("1751.40", "de", "1.751,4 €"),
        ("-1751.40", "de", "-1.751,4 €"),
        ("999949.00", "de", "999.949 €"),
        ("1234567.00", "de", "1,2 Mio. €"),
        ("999.00", "de", "999 €"),
        ("135.70", "en", "€136"),
        ("-135.70", "de", "-136 €"),
    ],
)
def test_sums_of_a_plot_are_written_as_the_language_does(amount, language, text):
    with backoffice().test_request_context("/", headers={"Accept-Language": language}):
        chart = revenue_chart(revenue(march=amount))

        assert chart.bars[2].text.replace("\N{NO-BREAK SPACE}", " ") == text
        assert not any(re.search(r"\d{4}", line.text) for line in chart.lines)


def test_a_shop_without_revenue_has_a_flat_plot(in_english):
    assert {bar.height for bar in revenue_chart(revenue()).bars} == {0}


def test_statuses_share_one_scale(in_english):
    chart = status_chart(counts(placed=1, shipped=4))

    widths = {bar.kind: bar.width for bar in chart.bars}
    assert widths["shipped"] == 4 * widths["placed"]
    assert widths["rejected"] == 0
    assert all(bar.x + bar.width < chart.width for bar in chart.bars)


# Invoices and revenue


def rows(answer):
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.reader(StringIO(answer.get_data(as_text=True))))


def test_a_years_invoices_can_be_saved_as_a_table(manager):
    manager.gateway.on("GET", "/v1/invoices", page_of(invoice(), invoice("2026-000002", credited_by="C2026-000001")))

    answer = manager.get("/invoices/2026.csv")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="invoices-2026.csv"'
    head, first, second = rows(answer)
    assert head[:3] == ["number", "issued_at", "customer"]
    assert first == ["2026-000001", NOW, "alice", order()["id"], "37.00", "5.91", "19", "EUR", ""]
    assert second[-1] == "C2026-000001"
    assert manager.gateway.asked("GET", "/v1/invoices")[0].query["year"] == "2026"


@pytest.mark.parametrize("text", ["=cmd|x", "+1", "-1", "@x", "\tx", "\r=x"])
def test_what_a_spreadsheet_would_carry_out_stays_text(manager, text):
    manager.gateway.on("GET", "/v1/invoices", page_of(invoice(customer=text)))

    assert rows(manager.get("/invoices/2026.csv"))[1][2] == f"'{text}"


def test_a_table_is_in_the_notation_of_the_language(manager):
    taken_back = {"total": eur("-1234.50"), "tax": eur("-197.10"), "tax_percent": "7.7"}
    manager.gateway.on("GET", "/v1/invoices", page_of(invoice(customer="jörg", **taken_back)))

    english = manager.get("/invoices/2026.csv").get_data().decode()
    german = manager.get("/invoices/2026.csv", headers={"Accept-Language": "de"}).get_data().decode()

    assert f"2026-000001,{NOW},jörg,{order()['id']},-1234.50,-197.10,7.7,EUR,\r\n" in english
    assert f"2026-000001;{NOW};jörg;{order()['id']};-1234,50;-197,10;7,7;EUR;\r\n" in german
    assert (english[0], german[0]) == ("n", "\ufeff"), "Excel needs the mark"


def test_a_years_revenue_can_be_saved_as_a_table(manager):
    table = rows(manager.get("/revenue/2026.csv"))

    assert table[0] == ["month", "total", "currency", "invoices"]
    assert table[11] == ["2026-11", "12.50", "EUR", "1"]
    assert len(table) == 13


def test_revenue_is_shown_by_month_and_year(manager):
    said = words(manager.get("/revenue"))

    assert "November 1 €12.50" in said
    assert "Whole year 1 €12.50" in said


def test_months_and_years_in_which_nothing_was_sold_take_no_rows(manager):
    known = manager.gateway.call

    def call(method, path, **options):
        if path == "/v1/revenue":
            year = int(options["query"]["year"])
            manager.gateway.on("GET", path, revenue(year, november="12.50") if year == 2024 else revenue(year))
        return known(method, path, **options)

    manager.gateway.call = call
    said = words(manager.get("/revenue?year=2024"))

    assert ("November" in said, "December" in said) == (True, False)
    assert [year for year in range(2020, 2027) if f"{year} €" in said] == [2024]


def test_a_month_in_which_only_something_was_taken_back_has_its_row(manager):
    found = revenue(november="12.50")
    found["months"][2]["total"] = eur("-7.00")
    manager.gateway.on("GET", "/v1/revenue", found)

    assert "March 0 -€7.00" in words(manager.get("/revenue"))


def test_a_year_without_revenue_says_so(manager):
    manager.gateway.on("GET", "/v1/revenue", revenue() | {"total": eur("0.00")})

    said = words(manager.get("/revenue"))

    assert "No invoices for 2026." in said
    assert "January" not in said


@pytest.mark.parametrize("year", ["1999", "3000", "now", "²⁰²⁶", ""])
def test_a_year_that_there_are_no_books_of_is_this_year(manager, year):
    assert manager.get(f"/invoices?year={year}").status_code == 200
    assert manager.gateway.asked("GET", "/v1/invoices")[-1].query["year"] == "2026"


def test_an_invoice_comes_as_a_pdf(manager):
    manager.gateway.on(
        "GET", "/v1/invoices/2026-000001", HttpReply(status=200, content_type="application/pdf", body=b"%PDF")
    )

    answer = manager.get("/invoices/2026-000001.pdf")

    assert (answer.headers["Content-Type"], answer.data) == ("application/pdf", b"%PDF")
    assert manager.gateway.asked("GET", "/v1/invoices/2026-000001")[0].headers["Accept"] == "application/pdf"


# The audit, and dead letters


def test_the_audit_is_shown_check_by_check(manager):
    said = words(manager.get("/audit"))

    assert "All checks passed." in said
    assert "Stock is never negative Passed 66 products, at every position" in said


def test_a_failed_check_is_not_to_be_overlooked(manager):
    wrong = {"name": "money conserved", "ok": False, "detail": "granted 5 is not 4"}
    manager.gateway.on("GET", "/v1/audit", AUDIT | {"ok": False, "checks": [*AUDIT["checks"], wrong]})

    said = words(manager.get("/audit"))

    assert "Some checks failed." in said
    assert "Credit movements add up Failed granted 5 is not 4" in said


def test_the_faults_that_a_check_found_are_told_one_by_one_in_the_language_of_the_page(manager):
    faults = "position 7 is missing; something that is not known here; and 1,234 more"
    wrong = {"name": "units conserved", "ok": False, "detail": faults}
    manager.gateway.on("GET", "/v1/audit", AUDIT | {"ok": False, "checks": [wrong]})

    page = manager.get("/audit", headers={"Accept-Language": "de"}).get_data(as_text=True)

    assert re.findall(r'<p class="finding"(.*?)>(.*?)</p>', page) == [
        ("", "Position 7 fehlt"),
        (' lang="en"', "something that is not known here"),
        ("", "und noch 1.234"),
    ]


def test_while_the_first_audit_runs_the_page_looks_again_by_itself(manager):
    manager.gateway.on("GET", "/v1/audit", UNAVAILABLE)

    answer = manager.get("/audit")

    assert answer.status_code == 200
    assert '<meta http-equiv="refresh"' in answer.get_data(as_text=True)
    assert "Audit in progress." in words(answer)


def test_dead_letters_are_shown_with_their_error(manager):
    answer = manager.get("/dead-letters")

    assert "the order has no total" in words(answer)
    assert f'href="/orders/{order()["id"]}"' in answer.get_data(as_text=True)


def test_a_dead_letter_is_tried_again(manager):
    manager.gateway.on("POST", "/v1/dead-letters/7/retry", LETTER | {"state": "retrying"})

    answer = manager.send("/dead-letters/7/retry")

    assert answer.status_code == 303
    assert "Retry started" in words(manager.get("/dead-letters"))


def test_a_dead_letter_that_is_gone_was_handled(manager):
    manager.gateway.on("POST", "/v1/dead-letters/7/retry", Problem(404, "unknown-dead-letter"))

    manager.send("/dead-letters/7/retry")

    assert "This event has already been processed." in words(manager.get("/dead-letters"))


def test_one_that_is_on_its_way_cannot_be_sent_again(manager):
    manager.gateway.on("GET", "/v1/dead-letters", page_of(LETTER | {"state": "retrying"}))

    page = manager.get("/dead-letters")

    assert "Retrying …" in words(page)
    assert "/retry" not in page.get_data(as_text=True)
