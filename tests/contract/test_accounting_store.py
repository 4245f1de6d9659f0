"""Answers of the accounting service's store, on each database that it can live in."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounting_svc.audit import ExpectedDocuments
from accounting_svc.domain import Sum, net_by_month
from shop.audit.rows import compare
from shop.contracts.codec import dump
from shop.contracts.errors import InvalidRequest
from shop.contracts.money import MAX_AMOUNT
from shop.contracts.names import invoice_number
from tests.contract.support.accounting_books import Books, numbers, opened_accounting
from tests.unit.support.order_builders import HOME, ORDER, SELLER, invoiced, placed

pytestmark = pytest.mark.parametrize("read_model_url", ["sqlite", "postgresql", "couchdb"], indirect=True)


@pytest.fixture
def make_books(read_model_url):
    """Makes read models that are current, one in place of the other."""
    model = opened_accounting(read_model_url)

    def make():
        before = model.namespaces()
        books = Books(model)
        for namespace in before:
            model.drop(namespace)
        return books

    yield make
    model.stop()


@pytest.fixture
def books(make_books):
    return make_books()


def test_an_invoice_is_shown_as_issued(books):
    books.show(invoiced(number=123))

    assert books.read("invoice", "2026-000123") == {
        "number": "2026-000123",
        "order_id": str(ORDER),
        "customer": "Ada",
        "address": dump(HOME),
        "seller": {"name": SELLER.name, "address": SELLER.address, "tax_id": SELLER.tax_id},
        "lines": [
            {
                "product_id": str(each.product_id),
                "name": each.name,
                "quantity": each.quantity,
                "unit_price": each.unit_price.dump(),
                "total": each.total.dump(),
            }
            for each in placed().lines
        ],
        "tax_percent": "19",
        "tax": {"amount": 391, "currency": "EUR"},
        "total": {"amount": 2448, "currency": "EUR"},
        "issued_at": "2026-11-23T12:00:00.000Z",
        "credited_by": None,
    }


def test_an_unknown_number_has_no_invoice(books):
    assert books.read("invoice", "2026-000123") is None


def test_a_credit_note_is_named_on_its_invoice_alone(books):
    invoice, _ = books.add(1), books.add(2)

    books.take_back(invoice, 1)

    assert books.read("invoice", "2026-000001")["credited_by"] == "C2026-000001"
    assert books.read("invoice", "2026-000002")["credited_by"] is None


def test_invoices_are_listed_newest_first_page_by_page(books):
    for number in range(1, 6):
        books.add(number)

    first = books.page(limit=2)
    books.add(6)
    rest = books.page(after=first["next"])

    assert numbers(first) == ["2026-000005", "2026-000004"]
    assert numbers(rest) == ["2026-000003", "2026-000002", "2026-000001"]
    assert rest["next"] is None


def test_invoices_are_found_by_year_and_customer_however_spelled(books):
    books.add(1, customer="Ada")
    books.add(2, customer="bob")

    assert numbers(books.page(customer="ADA")) == ["2026-000001"]
    assert numbers(books.page(year=2026)) == ["2026-000002", "2026-000001"]
    assert numbers(books.page(year=2025)) == numbers(books.page(customer="nobody")) == []


def test_a_made_up_cursor_is_refused(books):
    with pytest.raises(InvalidRequest):
        books.page(after="nonsense")


@pytest.mark.parametrize("at_once", [1, 2, 200])
def test_all_of_it_can_be_compared_with_the_log(at_once, books, monkeypatch):
    for adapter in ("sql", "couchdb"):
        monkeypatch.setattr(f"shop.read_models.{adapter}.snapshot.AT_ONCE", at_once)
    issued, expected = [books.add(number) for number in range(1, 5)], ExpectedDocuments()
    books.take_back(issued[2], 1)
    for event in books.events:
        expected.add(event, event.event)

    with books.model.snapshot() as pages:
        verdict = compare("accounting", expected, pages, lambda position: None)

    assert (verdict.ok, verdict.detail) == (True, "5 rows at position 5")


# Revenue


def test_a_credit_note_counts_in_the_month_that_it_is_issued_in(books):
    kept, taken_back = books.add(1, cents=500, month=3), books.add(2, cents=700, month=3)
    books.take_back(taken_back, 1, month=4)

    months = net_by_month(books.read("invoiced", 2026), books.read("credited", 2026))

    assert kept.total.amount == 500
    assert months[2] == Sum(amount=1200, documents=2)
    assert months[3] == Sum(amount=-700, documents=0)


def test_a_year_without_invoices_has_twelve_empty_months(books):
    books.add(1)

    assert net_by_month(books.read("invoiced", 2025), books.read("credited", 2025)) == [Sum()] * 12


DOCUMENTS = st.lists(
    st.tuples(
        st.sampled_from(["Ada", "bob"]),
        st.integers(2025, 2026),
        st.integers(1, 12),
        st.integers(0, MAX_AMOUNT),
        st.one_of(st.none(), st.integers(1, 12)),
    ),
    max_size=12,
)
"""By customer, year and month, with an amount, and the month in which it is taken back, if it is."""


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=DOCUMENTS, limit=st.integers(1, 5))
def test_lists_and_revenue_are_what_the_documents_come_to(documents, limit, make_books):
    books, invoices, notes = make_books(), [], []
    with books.in_one_batch():
        for number, (customer, year, month, cents, taken_back_in) in enumerate(documents, start=1):
            invoices.append(books.add(number, customer=customer, cents=cents, month=month, year=year))
            if taken_back_in is not None:
                notes.append(books.take_back(invoices[-1], len(notes) + 1, month=taken_back_in, year=year))

    for year, customer in product((None, 2025, 2026), (None, "ada", "BOB")):
        wanted = [each for each in reversed(invoices) if is_one_of(each, year, customer)]
        assert list_of(books, limit, year=year, customer=customer) == [number_of(each) for each in wanted]
    for year in (2025, 2026):
        months = net_by_month(books.read("invoiced", year), books.read("credited", year))
        assert months == [
            Sum(amount=sum_of(invoices, year, month) - sum_of(notes, year, month), documents=count)
            for month in range(1, 13)
            for count in [sum(each.issued_at.month == month for each in invoices if each.year == year)]
        ]


def is_one_of(invoice, year, customer):
    return year in (None, invoice.year) and customer in (None, *spellings(invoice.customer))


def spellings(name):
    return name.lower(), name.upper()


def number_of(invoice):
    return invoice_number(invoice.year, invoice.number)


def list_of(books, limit, **chosen):
    """A whole list, page by page."""
    found, after = [], None
    while True:
        page = books.page(limit=limit, after=after, **chosen)
        found += numbers(page)
        after = page["next"]
        if after is None:
            return found


def sum_of(documents, year, month):
    return sum(each.total.amount for each in documents if (each.year, each.issued_at.month) == (year, month))
