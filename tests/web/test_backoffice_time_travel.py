"""Time travel: finding a thing by what people call it, and how it was at any version or time."""

import pytest

from backoffice_web.past import fields_of
from shop.http.client import Problem
from tests.web.support.fake_gateway import BOWL, KITCHEN, LAMP, NOW, customer, eur, invoice, order, page_of, product
from tests.web.support.managing import Manager, backoffice
from tests.web.support.visiting import words

STREAM = "customer-alice"
ORDER = order()["id"]


@pytest.fixture
def manager():
    return Manager()


@pytest.fixture
def in_english():
    with backoffice().test_request_context("/"):
        yield


TIMES = ("2026-11-20T08:00:00.000Z", NOW, "2026-11-23T23:30:10.000Z")
"""When the three events of the stream happened."""


def state(version, last, before=None, **fields):
    at = NOW if version else None
    return {
        "stream": STREAM, "version": version, "last_version": last, "at": at, "state": fields, "before": before
    }  # fmt: skip


def event(version, type_="CreditAdjusted"):
    return {
        "stream": STREAM, "version": version, "type": type_, "data": {"change": eur("5.00")}, "position": version,
        "at": NOW, "correlation_id": "x", "causation": 0, "actor": "manager:morgan", "service": "customers",
    }  # fmt: skip


@pytest.fixture
def past(manager):
    """A stream of three versions."""
    alice = [
        {"username": "alice", "credit": eur("100.00"), "address": None},
        {"username": "alice", "credit": eur("105.00"), "address": None},
        {"username": "alice", "credit": eur("105.00"), "address": {"city": "Bath"}},
    ]
    states = {0: state(0, 3)} | {
        version: state(version, 3, before, **now)
        for version, (before, now) in enumerate(zip([None, *alice], alice, strict=False), start=1)
    }
    known = manager.gateway.call

    def call(method, path, **options):
        if path == f"/v1/streams/{STREAM}/state":
            query = options["query"]
            wanted = sum(at <= query["at"] for at in TIMES) if "at" in query else int(query.get("version", 3))
            answer = states.get(
                wanted, Problem(422, "invalid-request", errors={"version": ["The stream has 3 events."]})
            )
            manager.gateway.on("GET", path, answer)
        return known(method, path, **options)

    manager.gateway.call = call
    happened = [event(version) | {"at": at} for version, at in enumerate(TIMES, start=1)]
    manager.gateway.on("GET", f"/v1/streams/{STREAM}", page_of(*happened))
    return manager


def changes(answer):
    """The changes that are marked, by field."""
    page = answer.get_data(as_text=True)
    marked = page.split('<tr class="is-changed">')[1:]
    return {part.split('<th scope="row">')[1].split("<")[0]: words_of(part.split("</tr>")[0]) for part in marked}


def words_of(part):
    return part.split("<td>")[1].replace("<del>", "-").replace("<ins>", "+").replace("</del>", "").split("</")[0]


def test_a_stream_is_shown_at_its_last_version_first(past):
    answer = past.get(f"/history/{STREAM}")

    assert "Version 3 of 3" in words(answer)
    assert changes(answer) == {"Address, City": "+Bath"}


def test_at_each_version_it_shows_what_the_event_changed(past):
    assert changes(past.get(f"/history/{STREAM}?version=2")) == {"Available credit": "-€100.00 +€105.00"}
    assert changes(past.get(f"/history/{STREAM}?version=1")) == {"Username": "+alice", "Available credit": "+€100.00"}


@pytest.mark.parametrize("query", ["version=2", "at=2026-11-23T09:30"])
def test_a_page_asks_for_the_state_once(past, query):
    past.get(f"/history/{STREAM}?{query}")

    assert len(past.gateway.asked("GET", f"/v1/streams/{STREAM}/state")) == 1


def test_links_lead_from_version_to_version_without_any_script(past):
    page = past.text(f"/history/{STREAM}?version=2")

    for version in (1, 3):
        assert f'href="/history/{STREAM}?version={version}"' in page
    assert '<input type="range" id="version" name="version" min="1" max="3" value="2">' in page
    assert '<button class="button button-primary button-small" type="submit">Show</button>' in page


@pytest.mark.parametrize(("asked", "shown"), [("0", 1), ("99", 3), ("last", 3), ("-1", 3), ("", 3)])
def test_a_version_that_there_is_not_is_the_nearest(past, asked, shown):
    assert f"Version {shown} of 3" in words(past.get(f"/history/{STREAM}?version={asked}"))


def test_the_data_of_the_event_are_shown(past):
    said = words(past.get(f"/history/{STREAM}?version=2"))

    assert '"amount": "5.00"' in said
    assert "morgan · Customers" in said


def test_the_event_of_the_version_stands_at_the_slider(past):
    slider = past.text(f"/history/{STREAM}?version=2").split("data-slider>")[1].split("</form>")[0]

    assert "CreditAdjusted" in slider
    assert "23 Nov 2026, 09:30:00.123 UTC" in slider


def test_what_is_marked_is_explained(past):
    assert "Changes made by this event are highlighted." in words(past.get(f"/history/{STREAM}?version=2"))


def test_an_event_of_which_nothing_is_to_be_seen_says_so(manager):
    manager.gateway.on("GET", f"/v1/streams/{STREAM}", page_of(event(1), event(2)))
    manager.gateway.on("GET", f"/v1/streams/{STREAM}/state", state(2, 2, {"username": "alice"}, username="alice"))

    said = words(manager.get(f"/history/{STREAM}"))

    assert "This event changed none of these fields." in said
    assert "Marked is" not in said


def test_passwords_have_events_and_no_state(manager):
    stream = "credential-alice"
    manager.gateway.on("GET", f"/v1/streams/{stream}", page_of(event(1, "PasswordSet") | {"data": {}}))

    said = words(manager.get(f"/history/{stream}"))

    assert "Passwords are never shown." in said
    assert "PasswordSet" in said
    assert manager.gateway.asked("GET", f"/v1/streams/{stream}/state") == []


def test_what_never_was_is_asked_for_again(manager):
    answer = manager.get("/history/customer-nobody")

    assert answer.status_code == 404
    assert "No events found." in words(answer)
    assert 'value="nobody"' in answer.get_data(as_text=True)


# Finding a thing


CUPBOARD = KITCHEN | {"id": "00000000-0000-4000-8000-0000000000c2", "name": "Kitchen cupboards"}


@pytest.fixture
def found(manager):
    """Where a search leads: an address, or the texts of the links from which to choose."""

    def find(query):
        answer = manager.get(f"/history?{query}")
        if answer.status_code == 302:
            return answer.headers["Location"]
        links = answer.get_data(as_text=True).split('<ul class="found')[1].split("</ul>")[0].split("<a ")[1:]
        return {link.split('href="')[1].split('"')[0]: link.split(">")[1].split("<")[0] for link in links}

    return find


@pytest.fixture
def nothing(manager):
    for path in ("/v1/customers", "/v1/products", "/v1/categories"):
        manager.gateway.on("GET", path, page_of())


@pytest.mark.parametrize("kind", ["", "customer"])
def test_a_customer_is_found_by_a_part_of_the_name(manager, found, nothing, kind):
    manager.gateway.on("GET", "/v1/customers", page_of(customer(username="pia77472", full_name="Pia Müller")))

    assert found(f"kind={kind}&key=%20Pia%20") == "/history/customer-pia77472"
    assert manager.gateway.asked("GET", "/v1/customers")[-1].query["q"] == "Pia"


@pytest.mark.parametrize("kind", ["", "product"])
def test_a_product_is_found_by_a_part_of_its_name(manager, found, nothing, kind):
    manager.gateway.on("GET", "/v1/products", page_of(product(), product(LAMP, "Bowl Lamp")))

    assert found(f"kind={kind}&key=bowl") == {
        f"/history/product-{BOWL}": "Stoneware Bowl",
        f"/history/product-{LAMP}": "Bowl Lamp",
    }


def test_a_category_is_found_by_a_part_of_its_name(manager, found, nothing):
    manager.gateway.on("GET", "/v1/categories", page_of(KITCHEN, CUPBOARD))

    assert found("kind=category&key=CÚPB%20%20kitch") == f"/history/category-{CUPBOARD['id']}"


def test_an_exact_name_is_meant_before_others_that_it_is_a_part_of(manager, found, nothing):
    manager.gateway.on("GET", "/v1/categories", page_of(KITCHEN, CUPBOARD))
    manager.gateway.on("GET", "/v1/customers", page_of(customer(username="pia2"), customer(username="pia")))

    assert found("kind=category&key=kitchen") == f"/history/category-{KITCHEN['id']}"
    assert found("kind=customer&key=PIA") == "/history/customer-pia"


def test_anything_is_looked_for_everywhere(found):
    assert found("kind=&key=itche") == {
        "/history/customer-alice": "alice",
        f"/history/product-{BOWL}": "Stoneware Bowl",
        f"/history/category-{KITCHEN['id']}": "Kitchen",
    }


@pytest.mark.parametrize("kind", ["order", "product", "category"])
def test_an_id_is_enough_whatever_it_is_of(manager, found, kind):
    manager.gateway.on("GET", f"/v1/streams/{kind}-{ORDER}/state", state(0, 1))

    assert found(f"kind=&key={ORDER.upper()}") == f"/history/{kind}-{ORDER}"
    assert found(f"kind={kind}&key={ORDER}") == f"/history/{kind}-{ORDER}"


def test_an_order_is_found_by_its_invoice(manager, found):
    manager.gateway.on("GET", "/v1/invoices/2026-000001", invoice())

    assert found("kind=&key=2026-000001") == f"/history/order-{ORDER}"
    assert found("kind=stock&key=2026-000001") == f"/history/stock-{ORDER}"


def test_a_year_leads_to_its_books(found):
    assert found("kind=invoices&key=2026") == "/history/invoices-2026"


def test_the_time_that_was_asked_for_stays(found):
    assert found("kind=customer&key=alice&at=2026-11-23T09:30") == "/history/customer-alice?at=2026-11-23T09:30"
    assert "/history/customer-alice?at=2026-11-23T09:30" in found("kind=&key=itche&at=2026-11-23T09:30")


@pytest.mark.parametrize(
    "query",
    [
        "kind=parcel&key=1",
        "kind=order&key=a/b",
        "kind=customer&key=" + "x" * 65,
        "kind=product&key=sofa",
        "kind=&key=sofa",
        f"kind=&key={ORDER}",
        "kind=invoices&key=last",
        "kind=order&key=2026-000009",
    ],
)
def test_what_nothing_is_called_is_asked_for_again(manager, nothing, query):
    answer = manager.get(f"/history?{query}")

    assert (answer.status_code, "No matches found." in words(answer)) == (422, True)


# At a time


@pytest.mark.parametrize(
    ("zone", "at", "version"),
    [
        ("", "2026-11-20T08:00", 1),
        ("", "2026-11-23T09:29", 1),
        ("", "2026-11-23T09:30", 2),  # within that minute
        ("", "2026-11-23T23:29", 2),
        ("", "2026-11-23T23:30:09", 2),
        ("", "2026-11-23T23:30:10", 3),
        ("Europe/Berlin", "2026-11-23T10:30", 2),
        ("Europe/Berlin", "2026-11-24T00:30", 3),
        ("America/New_York", "2026-11-23T18:30", 3),
    ],
)
def test_a_time_leads_to_the_version_of_then_where_the_manager_is(past, zone, at, version):
    past.client.set_cookie("timezone", zone)

    answer = past.get(f"/history/{STREAM}?at={at}")

    assert f"Version {version} of 3" in words(answer)
    assert f'type="datetime-local" id="at" name="at" value="{at[:16]}"' in answer.get_data(as_text=True)


def test_before_the_beginning_the_beginning_is_shown(past):
    said = words(past.get(f"/history/{STREAM}?at=2026-11-19T08:00"))

    assert "No version existed on 19 Nov 2026, 08:00 UTC. The first version is shown." in said
    assert "Version 1 of 3" in said


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01T00:00", "0000-01-01T00:00", "9999-12-31T23:59", ""])
def test_a_time_that_makes_no_sense_is_none(past, at):
    assert "Version 3 of 3" in words(past.get(f"/history/{STREAM}?at={at}"))


def test_every_version_says_when_it_was_where_the_manager_is(past):
    past.client.set_cookie("timezone", "Europe/Berlin")

    answer = past.get(f"/history/{STREAM}?version=3")

    assert "24 Nov 2026, 00:30:10.000" in words(answer)
    assert 'name="at" value="2026-11-24T00:30"' in answer.get_data(as_text=True)


def test_passwords_have_times_too(manager):
    stream = "credential-alice"
    events = [event(version) | {"at": at} for version, at in enumerate(TIMES, start=1)]
    manager.gateway.on("GET", f"/v1/streams/{stream}", page_of(*events))

    assert "Version 2 of 3" in words(manager.get(f"/history/{stream}?at=2026-11-23T10:00"))


# In words


def test_a_product_is_told_in_words_and_its_category_by_name(manager):
    was = {"product_id": BOWL, "name": "Stoneware Bowl", "category_id": KITCHEN["id"], "units": 3, "on_sale": True}
    stream = f"product-{BOWL}"
    manager.gateway.on("GET", f"/v1/streams/{stream}/state", state(1, 1) | {"state": was})
    manager.gateway.on("GET", f"/v1/streams/{stream}", page_of(event(1, "ProductAdded")))

    said = words(manager.get(f"/history/{stream}"))

    assert "Product: Stoneware Bowl" in said
    assert f"ID {BOWL} Name Stoneware Bowl Category Kitchen Units in stock 3 Listed yes" in said


def test_the_products_of_an_order_are_told_by_name(manager):
    line = {"product_id": BOWL, "quantity": 2}
    stream = f"stock-{ORDER}"
    manager.gateway.on("GET", f"/v1/streams/{stream}/state", state(1, 1) | {"state": {"held": [line]}})
    manager.gateway.on("GET", f"/v1/streams/{stream}", page_of(event(1, "StockReserved")))

    said = words(manager.get(f"/history/{stream}"))

    assert "Reserved 1, Product Stoneware Bowl Reserved 1, Quantity 2" in said


def test_an_order_is_told_without_the_words_of_its_code(manager):
    lines = [{"product_id": BOWL, "name": "Stoneware Bowl", "quantity": 2, "unit_price": eur("18.50")}]
    placed = {"order_id": ORDER, "customer": "alice", "lines": lines, "address": {"country": "DE"}}
    stream = f"order-{ORDER}"
    was = {"placed": placed, "status": "approved"}
    manager.gateway.on("GET", f"/v1/streams/{stream}/state", state(1, 1) | {"state": was})
    manager.gateway.on("GET", f"/v1/streams/{stream}", page_of(event(1, "OrderPlaced")))

    said = words(manager.get(f"/history/{stream}"))

    assert f"ID {ORDER} Customer alice" in said
    assert "Line 1, Unit price €18.50 Address, Country Germany Status Approved" in said


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (None, {"a": 1}, {"a": (None, "1")}),
        ({"a": 1}, None, {"a": ("1", None)}),
        ({"a": {"b": True, "c": "x"}}, {"a": {"b": False, "c": "x"}}, {"a b": ("yes", "no")}),
        ({"a": [1, 2]}, {"a": [1, 3, 4]}, {"a 2": ("2", "3"), "a 3": (None, "4")}),
        ({"a": {}, "b": None}, {"a": [], "b": None}, {}),
        ({"a": eur("1.00")}, {"a": eur("1.50")}, {"a": ("€1.00", "€1.50")}),
    ],
)
def test_changes_are_found_in_all_parts_of_a_state(in_english, before, after, changed):
    found = fields_of(before, after, {})

    assert {field.name: (field.before, field.after) for field in found if field.is_changed} == changed
