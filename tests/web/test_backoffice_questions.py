"""Actions at the back office that cannot be undone are confirmed first, on a page of its own that needs no script."""

import re

import pytest

from shop.http.client import Problem
from tests.web.support.fake_gateway import BOWL, KITCHEN, order, product
from tests.web.support.managing import PAGES, Manager, backoffice
from tests.web.support.visiting import words

ORDER, CATEGORY = order()["id"], KITCHEN["id"]

FINAL = {
    "orders.ship": f"/orders/{ORDER}/shipment",
    "orders.cancel": f"/orders/{ORDER}/cancellation",
    "products.withdraw": f"/products/{BOWL}/withdrawal",
    "categories.remove": f"/categories/{CATEGORY}/removal",
}
"""Actions that cannot be undone, by endpoint, and where they are done."""

UNDONE_BY = {
    "categories.add": "removing it",
    "categories.rename": "another name",
    "customers.change_credit": "taking it away again",
    "customers.set_credit": "setting it again",
    "letters.retry": "nothing that needs to be: what fails again is set aside again",
    "products.add": "withdrawing it",
    "products.edit": "editing it again",
    "products.restock": "taking the units away again",
    "web.choose_language": "choosing the other one",
    "web.log_in": "logging out",
    "web.log_out": "logging in",
}

FORM = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')
ACTION = re.compile(r'\baction="([^"]+)"')


def targets(page):
    """Where the forms of a page that change something are sent."""
    return [ACTION.search(form)[1] for form in FORM.findall(page)]


@pytest.fixture
def manager():
    manager = Manager()
    manager.gateway.on("GET", f"/v1/orders/{ORDER}", order(status="approved"))
    manager.gateway.on("GET", f"/v1/categories/{CATEGORY}", KITCHEN | {"products": 0})
    return manager


def test_everything_that_is_sent_can_be_undone_or_is_asked_about_first():
    sent = {rule.endpoint for rule in backoffice().url_map.iter_rules() if "POST" in rule.methods}

    assert sent == FINAL.keys() | UNDONE_BY.keys()


@pytest.mark.parametrize("address", FINAL.values(), ids=FINAL)
def test_what_cannot_be_undone_has_a_page_that_asks(manager, address):
    page = manager.text(address)

    assert address in targets(page)
    assert page.split("<h1>")[1].split("</h1>")[0].endswith("?")
    assert [call.method for call in manager.gateway.calls if call.path.startswith("/v1/orders")].count("POST") == 0


@pytest.mark.parametrize("address", FINAL.values(), ids=FINAL)
def test_no_other_page_does_it_at_once(manager, address):
    assert [path for path in PAGES if path != address and address in targets(manager.text(path))] == []


@pytest.mark.parametrize("address", FINAL.values(), ids=FINAL)
def test_the_page_about_it_leads_to_the_question_and_the_question_back(manager, address):
    about = address.rpartition("/")[0]

    assert f'href="{address}"' in manager.text(about)
    assert f'href="{about}"' in manager.text(address).split("<main")[1].split("<form")[1]


def test_whoever_ships_sees_what_goes_where(manager):
    address = {"street": "Kaiserdamm 1", "postcode": "14057", "city": "Berlin", "country": "DE"}
    manager.gateway.on("GET", f"/v1/orders/{ORDER}", order(status="approved", address=address))

    said = words(manager.get(FINAL["orders.ship"]))

    assert "Stoneware Bowl" in said
    assert "Kaiserdamm 1, 14057 Berlin, Germany" in said
    assert "This cannot be undone." in said


@pytest.mark.parametrize(
    ("endpoint", "status", "said"),
    [
        ("orders.ship", "placed", "Only approved orders can be shipped."),
        ("orders.ship", "shipped", "Only approved orders can be shipped."),
        ("orders.cancel", "shipped", "This order can no longer be cancelled."),
        ("orders.cancel", "rejected", "This order can no longer be cancelled."),
    ],
)
def test_nobody_is_asked_about_what_cannot_be_done(manager, endpoint, status, said):
    manager.gateway.on("GET", f"/v1/orders/{ORDER}", order(status=status))

    answer = manager.get(FINAL[endpoint])

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/orders/{ORDER}")
    assert said in words(manager.get(f"/orders/{ORDER}"))


def test_a_category_with_products_is_not_asked_about(manager):
    manager.gateway.on("GET", f"/v1/categories/{CATEGORY}", KITCHEN)

    answer = manager.get(FINAL["categories.remove"])

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/categories/{CATEGORY}")


@pytest.mark.parametrize(
    ("endpoint", "path", "kind", "said"),
    [
        ("products.withdraw", f"/v1/products/{BOWL}", "edit-conflict", "Someone else has changed this"),
        (
            "categories.remove",
            f"/v1/categories/{CATEGORY}",
            "category-in-use",
            "The category still contains products. Move or discontinue them first.",
        ),
    ],
)
def test_what_stands_against_it_is_said_where_it_was_asked(manager, endpoint, path, kind, said):
    manager.gateway.on("DELETE", path, Problem(409, kind))

    answer = manager.send(FINAL[endpoint], {"version": "1"})

    assert (answer.status_code, said in words(answer)) == (422, True)
    assert FINAL[endpoint] in targets(answer.get_data(as_text=True))


def test_the_version_that_was_seen_goes_along(manager):
    manager.gateway.on("GET", f"/v1/products/{BOWL}", product() | {"version": 7})

    assert manager.hidden(FINAL["products.withdraw"])["version"] == "7"
