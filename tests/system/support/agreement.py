"""Whether a running shop and its log tell the same: the end of tests in which much happens at once."""

from collections.abc import Iterator
from typing import Any

from shop.service.registry import WITH_READ_MODEL as SERVICES
from shop_cli.client import Client
from shop_cli.running import RunningShop
from tests.support.waiting import wait_until
from tests.system.support.shop_under_test import ShopUnderTest
from tools.chaos.ledger import Books, read_on
from tools.chaos.order_story import Story

Json = Any


def require_agreement(shop: ShopUnderTest) -> Books:
    """Wait until every order has ended and is shown; then the log must be sound, and what is shown must be its sum."""
    books = Books()
    with RunningShop(shop.installation.folder).client() as client:
        wait_until(lambda: _all_told(client, books), "the end of every order")
        wait_until(lambda: _all_shown(client, books.position), "the read models")
        _verify(client, books.position)
    _require_none("The log is not sound", books.faults)
    _require_none("What is shown is not what the log says", list(_differences(shop, books)))
    return books


def _require_none(what: str, faults: list[str]) -> None:
    assert not faults, "\n".join([f"{what}:", *faults])


def _verify(client: Client, end: int) -> None:
    """Have the event store check its chain of hashes, piece by piece."""
    position = 0
    while position < end:
        verdict = client.call("event_store", "verify", position)
        assert verdict["ok"], verdict
        assert verdict["position"] > position, verdict
        position = verdict["position"]


def _all_told(client: Client, books: Books) -> bool:
    read_on(client, books)
    return not books.under_way


def _all_shown(client: Client, position: int) -> bool:
    return all(client.call(service, "status")["position"] >= position for service in SERVICES)


def _differences(shop: ShopUnderTest, books: Books) -> Iterator[str]:
    """Where the API does not show what the books say."""
    for path, key, expected in (
        ("/v1/products", "id", _products(books)),
        ("/v1/customers", "username", _customers(books)),
        ("/v1/orders", "id", _orders(books)),
        ("/v1/invoices", "number", _invoices(books)),
    ):
        shown = {item[key].casefold(): item for item in shop.as_manager().read_all(path, limit=100)}
        yield from (f"{path}: {name} is shown" for name in shown.keys() - expected.keys())
        yield from (f"{path}: {name} is not shown" for name in expected.keys() - shown.keys())
        for name in expected.keys() & shown.keys():
            told = {field: shown[name][field] for field in expected[name]}
            if told != expected[name]:
                yield f"{path}: {name} is shown as {told}, and should be {expected[name]}"
    yield from _differences_of_revenue(shop, books)


def _products(books: Books) -> dict[str, Json]:
    on_sale = books.units.keys() - books.withdrawn
    return {product: {"units_in_stock": books.units[product]} for product in on_sale}


def _customers(books: Books) -> dict[str, Json]:
    return {customer: _funds(books, customer) for customer in books.credit}


def _funds(books: Books, customer: str) -> Json:
    held, spent = books.reserved(customer)
    return {"credit": _money(books.credit[customer]), "held": _money(held), "spent": _money(spent)}


def _orders(books: Books) -> dict[str, Json]:
    return {order_id: _order(books, story) for order_id, story in books.stories.items()}


def _order(books: Books, story: Story) -> Json:
    rejected, invoice = story.first("OrderRejected"), story.first("InvoiceIssued")
    return {
        "customer": story.placed["customer"],
        "status": story.status,
        "stock": story.holding("stock"),
        "credit": story.holding("credit"),
        "reason": rejected.data["reasons"] if rejected else None,
        "total": _money(story.total),
        "invoice": _number(invoice.data) if invoice else None,
        "version": books.versions[f"order-{story.order_id}"],
    }


def _invoices(books: Books) -> dict[str, Json]:
    invoices = (entry for story in books.stories.values() for entry in story.all("InvoiceIssued"))
    return {_number(entry.data): _invoice(books, entry.data) for entry in invoices}


def _invoice(books: Books, invoice: Json) -> Json:
    note = books.stories[invoice["order_id"]].first("CreditNoteIssued")
    return {
        "order_id": invoice["order_id"],
        "total": _money(invoice["total"]["amount"]),
        "credited_by": f"C{_number(note.data)}" if note else None,
    }


def _differences_of_revenue(shop: ShopUnderTest, books: Books) -> Iterator[str]:
    for year in {data["year"] for documents in books.documents.values() for data in documents}:
        issued = books.documents.get(f"InvoiceIssued {year}", [])
        credited = books.documents.get(f"CreditNoteIssued {year}", [])
        net = sum(data["total"]["amount"] for data in issued) - sum(data["total"]["amount"] for data in credited)
        revenue = shop.as_manager().read("/v1/revenue", year=year)
        told = revenue["total"], sum(month["invoices"] for month in revenue["months"])
        if told != (_money(net), len(issued)):
            yield f"revenue of {year} is told as {told}, and should be {(_money(net), len(issued))}"


def _money(cents: int) -> Json:
    return {"amount": f"{cents / 100:.2f}", "currency": "EUR"}


def _number(document: Json) -> str:
    return f"{document['year']}-{document['number']:06d}"
