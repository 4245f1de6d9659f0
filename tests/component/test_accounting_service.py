"""The accounting service on the real event store and the embedded broker; the orders service is played by the tests."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest

from accounting_svc.service import AccountingService
from event_store_svc.service import EventStoreService
from shop.contracts.actors import Actor
from shop.contracts.codec import dump
from shop.contracts.errors import Forbidden, InvalidRequest, ShopError, Unauthenticated, UnknownInvoice
from tests.component.support.order_world import MAX, SOMEBODY, VISITOR, customer, record
from tests.component.support.running import calling, configuration, running
from tests.support.waiting import wait_until
from tests.unit.support.order_builders import HOME, approved, cancelled, line, placed

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return configuration(tmp_path_factory.mktemp("accounting"))


@pytest.fixture(scope="module")
def cluster(config: dict[str, Any]) -> Iterator[Any]:
    """One shop for all tests: each has customers of its own."""
    with running(config, EventStoreService, AccountingService), calling(config) as cluster:
        wait_until(lambda: cluster.accounting.status()["ready"])
        yield cluster


@pytest.fixture
def ask(config: dict[str, Any], cluster: Any) -> Ask:
    """Call the accounting service as somebody: `ask(ada, "get_invoice", number)`."""

    def ask(actor: Actor, method: str, *args: Any, **kwargs: Any) -> Any:
        with calling(config, actor) as own:
            return getattr(own.accounting, method)(*args, **kwargs)

    return ask


@pytest.fixture
def ada() -> Actor:
    return customer("Ada")


@pytest.fixture
def bob() -> Actor:
    return customer("bob")


def approve(cluster: Any, actor: Actor, *, cents: int = 11_900) -> UUID:
    order_id = uuid4()
    order = placed(line(quantity=1, price=cents), order_id=order_id, customer=actor.username)
    record(cluster, order, approved(order), order_id=order_id)
    return order_id


def cancel(cluster: Any, order_id: UUID) -> None:
    record(cluster, cancelled(was_approved=True, order_id=order_id), order_id=order_id)


def invoices_of(ask: Ask, actor: Actor, count: int) -> list[dict[str, Any]]:
    """The customer's invoices, as soon as there are so many; newest first."""

    def enough() -> Any:
        items = ask(actor, "list_invoices", limit=100)["items"]
        return items if len(items) == count else None

    found: list[dict[str, Any]] = wait_until(enough)
    return found


def net(ask: Ask) -> int:
    total: int = ask(MAX, "revenue", datetime.now(UTC).year)["total"]["amount"]
    return total


def test_an_approved_order_is_invoiced(ask: Ask, cluster: Any, ada: Actor):
    order_id = approve(cluster, ada)

    (invoice,) = invoices_of(ask, ada, 1)

    events = cluster.event_store.read_correlations([str(order_id)])["correlations"][str(order_id)]
    (issued,) = [event for event in events if event["type"] == "InvoiceIssued"]
    assert invoice == {
        "number": f"{datetime.now(UTC).year}-{issued['version']:06d}",
        "order_id": str(order_id),
        "customer": ada.username,
        "address": dump(HOME),
        "seller": {
            "name": "Nameko Shop",
            "address": "1 Market Square, 10115 Berlin, DE",
            "tax_id": "DE000000000",
        },
        "lines": [
            {
                "product_id": invoice["lines"][0]["product_id"],
                "name": "Tea",
                "quantity": 1,
                "unit_price": {"amount": 11_900, "currency": "EUR"},
                "total": {"amount": 11_900, "currency": "EUR"},
            }
        ],
        "tax_percent": "19",
        "tax": {"amount": 1_900, "currency": "EUR"},
        "total": {"amount": 11_900, "currency": "EUR"},
        "issued_at": events[0]["at"],
        "credited_by": None,
    }
    assert ask(ada, "get_invoice", invoice["number"]) == invoice


def test_many_approvals_at_once_are_numbered_without_a_gap(config: dict[str, Any], ask: Ask, cluster: Any, ada: Actor):
    def approve_ten(_: int) -> None:
        with calling(config) as own:
            for _ in range(10):
                approve(own, ada)

    list(eventlet.GreenPool().imap(approve_ten, range(5)))

    numbers = [int(invoice["number"][5:]) for invoice in invoices_of(ask, ada, 50)]
    assert numbers == list(range(numbers[0], numbers[0] - 50, -1))


def test_a_cancelled_order_has_its_invoice_taken_back(ask: Ask, cluster: Any, ada: Actor):
    order_id, _ = approve(cluster, ada), approve(cluster, ada)
    invoices_of(ask, ada, 2)

    cancel(cluster, order_id)

    credited = wait_until(lambda: [each for each in invoices_of(ask, ada, 2) if each["credited_by"]])
    assert [invoice["order_id"] for invoice in credited] == [str(order_id)]
    assert credited[0]["credited_by"].startswith(f"C{datetime.now(UTC).year}-000")


def test_revenue_is_what_was_invoiced_less_what_was_taken_back(ask: Ask, cluster: Any, ada: Actor):
    before = net(ask)
    kept, taken_back = approve(cluster, ada, cents=500), approve(cluster, ada, cents=700)
    invoices_of(ask, ada, 2)
    in_between = net(ask)
    cancel(cluster, taken_back)
    wait_until(lambda: any(each["credited_by"] for each in invoices_of(ask, ada, 2)))

    now = datetime.now(UTC)
    revenue = ask(MAX, "revenue", now.year)

    assert kept
    assert (in_between - before, revenue["total"]["amount"] - before) == (1200, 500)
    assert revenue["year"] == now.year
    assert [month["month"] for month in revenue["months"]] == list(range(1, 13))
    assert sum(month["total"]["amount"] for month in revenue["months"]) == revenue["total"]["amount"]
    assert revenue["months"][now.month - 1]["invoices"] >= 2


def test_a_year_without_business_has_no_revenue(ask: Ask):
    revenue = ask(MAX, "revenue", 1999)

    nothing = {"amount": 0, "currency": "EUR"}
    assert revenue["total"] == nothing
    assert revenue["months"] == [{"month": month, "total": nothing, "invoices": 0} for month in range(1, 13)]


@pytest.mark.parametrize("year", [0, -1, 10_000, 10**30, "2026", 2026.0, None, True])
def test_a_year_is_a_year(year: Any, ask: Ask):
    with pytest.raises(InvalidRequest) as refusal:
        ask(MAX, "revenue", year)

    assert list(refusal.value.errors) == ["year"]


@pytest.mark.parametrize(("actor", "error"), [(SOMEBODY, Forbidden), (VISITOR, Unauthenticated)])
def test_revenue_is_for_managers(actor: Actor, error: type[ShopError], ask: Ask):
    with pytest.raises(error):
        ask(actor, "revenue", 2026)


def test_customers_see_their_own_invoices_and_managers_all(ask: Ask, cluster: Any, ada: Actor, bob: Actor):
    approve(cluster, ada)
    (of_ada,) = invoices_of(ask, ada, 1)
    approve(cluster, bob)
    (of_bob,) = invoices_of(ask, bob, 1)

    assert ask(MAX, "list_invoices", limit=2)["items"] == [of_bob, of_ada]
    assert ask(MAX, "get_invoice", of_ada["number"]) == of_ada
    with pytest.raises(UnknownInvoice):
        ask(bob, "get_invoice", of_ada["number"])
    with pytest.raises(Unauthenticated):
        ask(VISITOR, "get_invoice", of_ada["number"])
    with pytest.raises(Unauthenticated):
        ask(VISITOR, "list_invoices")


def test_a_list_goes_on_where_the_page_before_ended(ask: Ask, cluster: Any, ada: Actor):
    for _ in range(3):
        approve(cluster, ada)
    everything = invoices_of(ask, ada, 3)

    first = ask(ada, "list_invoices", limit=2)
    second = ask(ada, "list_invoices", limit=2, after=first["next"])

    assert first["items"] + second["items"] == everything
    assert second["next"] is None


def test_invoices_are_listed_by_year(ask: Ask, cluster: Any, ada: Actor):
    approve(cluster, ada)
    (invoice,) = invoices_of(ask, ada, 1)

    assert ask(ada, "list_invoices", year=datetime.now(UTC).year)["items"] == [invoice]
    assert ask(ada, "list_invoices", year=1999)["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [({"year": "2026"}, "year"), ({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"after": "nonsense"}, "after")],
)
def test_a_list_with_wrong_values_is_refused_by_name(query: dict[str, Any], field: str, ask: Ask):
    with pytest.raises(InvalidRequest) as refusal:
        ask(MAX, "list_invoices", **query)

    assert list(refusal.value.errors) == [field]


@pytest.mark.parametrize("number", ["1999-000001", "2026-1", "C2026-000001", "x", "", "2026-000001\n", None, 7, {}])
def test_there_is_no_invoice_with_an_unknown_number(number: Any, ask: Ask):
    with pytest.raises(UnknownInvoice):
        ask(MAX, "get_invoice", number)


def test_a_rebuilt_read_model_shows_the_same(ask: Ask, cluster: Any, ada: Actor):
    cancel(cluster, approve(cluster, ada))
    approve(cluster, ada)
    wait_until(lambda: any(each["credited_by"] for each in invoices_of(ask, ada, 2)))
    before = ask(MAX, "list_invoices", limit=100), ask(MAX, "revenue", datetime.now(UTC).year)

    cluster.accounting.rebuild()
    wait_until(lambda: not cluster.accounting.rebuild_progress()["running"])

    assert (ask(MAX, "list_invoices", limit=100), ask(MAX, "revenue", datetime.now(UTC).year)) == before


def test_after_a_restart_nothing_is_invoiced_twice(tmp_path: Path, ada: Actor):
    alone = configuration(tmp_path)
    for approvals in (1, 2):
        with running(alone, EventStoreService, AccountingService), calling(alone) as cluster:
            wait_until(lambda: cluster.accounting.status()["ready"])
            approve(cluster, ada)
            wait_until(lambda wanted=approvals: len(cluster.accounting.list_invoices()["items"]) == wanted)
            invoices = cluster.accounting.list_invoices()["items"]

    year = datetime.now(UTC).year
    assert [invoice["number"] for invoice in invoices] == [f"{year}-000002", f"{year}-000001"]
