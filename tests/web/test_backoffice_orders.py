"""Orders and their stories across the services, customers and their credit, as managers see them."""

import pytest

from shop.http.client import Problem
from tests.web.support.fake_gateway import BOWL, LAMP, customer, eur, order, page_of
from tests.web.support.forms import errors_of, fields_of, value_of
from tests.web.support.managing import Manager, entry
from tests.web.support.visiting import words

ID = order()["id"]


@pytest.fixture
def manager():
    return Manager()


def asked_for(manager):
    return manager.gateway.asked("GET", "/v1/orders")[-1].query


# The list


def test_orders_are_found_by_status_and_customer(manager):
    answer = manager.get("/orders?status=shipped&customer=%20alice%20")

    assert answer.status_code == 200
    assert asked_for(manager) == {"status": "shipped", "customer": "alice", "limit": "20"}


@pytest.mark.parametrize(
    ("zone", "since", "before"),
    [
        ("", "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z"),
        ("Europe/Berlin", "2026-03-27T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("America/New_York", "2026-03-28T04:00:00Z", "2026-03-30T04:00:00Z"),
    ],
)
def test_days_begin_and_end_where_the_manager_is_also_when_clocks_change(manager, zone, since, before):
    manager.client.set_cookie("timezone", zone)

    manager.get("/orders?since=2026-03-28&until=2026-03-29")

    assert (asked_for(manager)["placed_from"], asked_for(manager)["placed_before"]) == (since, before)


def test_filters_stay_in_the_form_and_on_the_next_page(manager):
    manager.gateway.on("GET", "/v1/orders", page_of(order(), after="onwards"))

    page = manager.get("/orders?status=placed&customer=alice&since=2026-11-01&until=2026-11-30")

    assert [value_of(page, name) for name in ("customer", "since", "until")] == ["alice", "2026-11-01", "2026-11-30"]
    assert '<option value="placed" selected>' in page.get_data(as_text=True)
    assert (
        'href="/orders?after=onwards&amp;status=placed&amp;customer=alice&amp;since=2026-11-01&amp;until=2026-11-30"'
        in page.get_data(as_text=True)
    )


@pytest.mark.parametrize(
    "query",
    ["status=lost", "since=yesterday", "until=2026-13-01", "since=0001-01-01", "until=9999-12-31", "sort=total"],
)
def test_filters_that_make_no_sense_count_as_none(manager, query):
    assert manager.get(f"/orders?{query}").status_code == 200
    assert asked_for(manager) == {"limit": "20"}


PIA, OLYMPIA = customer(username="pia77472", full_name="Pia Müller"), customer(username="olympia", full_name="O. Lys")


@pytest.mark.parametrize("text", ["a/b", "nobody", "Doe", "x" * 100])
def test_nobody_has_a_name_like_that(manager, text):
    manager.gateway.on("GET", "/v1/customers", page_of())

    answer = manager.get(f"/orders?customer={text}")

    assert errors_of(answer, "customer") == ["No matching customers."]
    assert value_of(answer, "customer") == text
    assert manager.gateway.asked("GET", "/v1/orders") == []


@pytest.mark.parametrize("text", ["Pia", "müller", "pia@", "7747"])
def test_a_part_of_a_name_finds_the_orders_of_the_only_customer_it_fits(manager, text):
    manager.gateway.on("GET", "/v1/customers", page_of(PIA))

    answer = manager.get(f"/orders?customer={text}&status=placed")

    assert manager.gateway.asked("GET", "/v1/customers")[-1].query["q"] == text
    assert asked_for(manager) == {"customer": "pia77472", "status": "placed", "limit": "20"}
    assert "Orders of pia77472, Pia Müller" in words(answer)
    assert value_of(answer, "customer") == "pia77472"


def test_of_several_customers_one_is_chosen(manager):
    manager.gateway.on("GET", "/v1/customers", page_of(PIA, OLYMPIA))

    answer = manager.get("/orders?customer=pia&status=placed")

    assert manager.gateway.asked("GET", "/v1/orders") == []
    assert "pia77472 Pia Müller" in words(answer)
    assert 'href="/orders?status=placed&amp;customer=olympia"' in answer.get_data(as_text=True)


def test_a_whole_username_is_meant_before_those_that_it_is_a_part_of(manager):
    manager.gateway.on("GET", "/v1/customers/pia", customer(username="Pia"))
    manager.gateway.on("GET", "/v1/customers", page_of(PIA, OLYMPIA))

    manager.get("/orders?customer=pia")

    assert asked_for(manager)["customer"] == "Pia"


def test_more_customers_than_can_be_listed_ask_for_more_of_the_name(manager):
    manager.gateway.on("GET", "/v1/customers", page_of(PIA, OLYMPIA, after="onwards"))

    assert "More customers match. Enter more of the name." in words(manager.get("/orders?customer=pia"))


@pytest.mark.parametrize("page", ["/", "/orders", "/customers/alice"])
def test_an_order_in_a_list_says_what_and_whereto(manager, page):
    lines = [{"name": name, "quantity": 1} for name in ("Stoneware Bowl", "Lamp", "Bee Seeds")]
    address = {"street": "Kaiserdamm 1", "postcode": "14057", "city": "Berlin", "country": "DE"}
    both = (order(lines=lines, address=address), order(lines=lines[:1]))
    manager.gateway.on("GET", "/v1/orders", page_of(*both))

    said = words(manager.get(page))

    assert "alice , Germany Stoneware Bowl and 2 more Placed" in said
    assert "alice Stoneware Bowl Placed" in said


def test_the_oldest_order_comes_first_if_wanted(manager):
    manager.gateway.on("GET", "/v1/orders", page_of(order(), after="onwards"))

    page = manager.text("/orders?status=approved&sort=placed")

    assert asked_for(manager) == {"status": "approved", "sort": "placed", "limit": "20"}
    assert '<option value="placed" selected>Oldest first</option>' in page
    assert 'href="/orders?after=onwards&amp;status=approved&amp;sort=placed"' in page


def test_what_is_to_be_shipped_begins_with_what_has_waited_longest(manager):
    assert 'href="/orders?status=approved&amp;sort=placed"' in manager.text("/")


# One order


def show(manager, *history, **more):
    manager.gateway.on("GET", f"/v1/orders/{ID}", order(**more))
    if history:
        manager.gateway.on("GET", f"/v1/orders/{ID}/history", page_of(*history))
    return manager.get(f"/orders/{ID}")


def moments(answer):
    """The texts of the timeline, event by event."""
    page = answer.get_data(as_text=True)
    parts = page.split('<ol class="timeline">')[1].split("</ol>")[0].split("<li ")[1:]
    return [part.replace("</p>", " ").split(">", 1)[1] for part in parts]


def test_the_timeline_tells_when_who_and_because_of_what(manager):
    history = (
        entry("OrderPlaced", 10, "2026-11-23T09:30:00.100Z"),
        entry(
            "StockReserved", 11, "2026-11-23T09:30:00.112Z", service="products", causation=10, actor="service:products"
        ),
        entry(
            "UnitsReserved", 11, "2026-11-23T09:30:00.112Z", service="products", causation=10, actor="service:products"
        ),
        entry("CreditReserved", 13, "2026-11-23T09:30:00.115Z", service="customers", causation=10),
        entry("OrderApproved", 15, "2026-11-23T09:30:01.340Z", causation=13, actor="service:orders"),
    )

    answer = show(manager, *history)
    told = moments(answer)

    assert "Decided after 1,240 ms." in words(answer)
    assert [text.split('moment-event">')[1].split("<")[0] for text in told] == [one["event"] for one in history]
    assert [text.split('since">')[1].split("<")[0] for text in told[1:]] == ["+12 ms", "+0 ms", "+3 ms", "+1,225 ms"]
    assert "09:30:00.112 UTC" in told[1]
    assert "requested by alice" in told[0]
    assert "triggered by OrderPlaced" in told[1]
    assert "triggered by CreditReserved" in told[4]
    assert '"amount": "37.00"' in told[0].replace("&#34;", '"')


@pytest.mark.parametrize(
    ("at", "passed"),
    [
        ("2026-11-23T09:30:09.999Z", "+9,999 ms"),
        ("2026-11-23T09:30:45.000Z", "+45 secs"),
        ("2026-11-23T09:32:18.521Z", "+2 mins"),
        ("2026-11-26T09:30:00.000Z", "+3 days"),
    ],
)
def test_what_took_longer_is_not_told_in_milliseconds(manager, at, passed):
    answer = show(manager, entry("OrderPlaced", 10, "2026-11-23T09:30:00.000Z"), entry("OrderShipped", 11, at))

    assert moments(answer)[1].split('since">')[1].split("<")[0] == passed


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ({"quantity": 2, "product_id": BOWL}, "2 \N{MULTIPLICATION SIGN} Stoneware Bowl"),
        ({"quantity": 2, "product_id": LAMP}, f"2 \N{MULTIPLICATION SIGN} {LAMP}"),
        ({"amount": eur("37.00"), "available": eur("5.00")}, "€37.00"),
        ({"total": eur("37.00")}, "€37.00"),
        ({"reasons": ["out_of_stock", "insufficient_credit"]}, "out of stock, insufficient credit"),
    ],
)
def test_an_event_says_what_it_is_about(manager, data, what):
    answer = show(manager, entry("OrderPlaced", 10), entry("Something", 11, data=data))

    assert moments(answer)[1].split('moment-what">')[1].split("<")[0].strip() == what


def test_an_event_that_is_about_nothing_more_than_its_name_says_no_more(manager):
    assert "moment-what" not in moments(show(manager, entry("OrderShipped", 10, data={})))[0]


@pytest.mark.parametrize(
    ("recorded", "cause"),
    [
        ({"causation": 0, "actor": "service:orders"}, "triggered by timeout"),
        ({"causation": 77, "actor": "service:orders"}, "triggered by commit 77"),
        ({"causation": 0, "actor": "operator:operator"}, "requested by operator"),
        ({"causation": 0, "actor": "manager:morgan"}, "requested by morgan"),
    ],
)
def test_every_event_has_a_cause(manager, recorded, cause):
    answer = show(manager, entry("OrderPlaced", 10), entry("OrderRejected", 12, **recorded))

    assert cause in moments(answer)[1]


def test_the_data_of_an_event_lead_to_its_stream_at_that_version(manager):
    answer = show(manager, entry("CreditReserved", 3, stream="customer-alice", version=5, service="customers"))

    assert 'href="/history/customer-alice?version=5"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("status", "ship", "cancel"),
    [
        ("placed", False, True),
        ("approved", True, True),
        ("shipped", False, False),
        ("rejected", False, False),
        ("cancelled", False, False),
    ],
)
def test_what_can_be_done_depends_on_how_it_stands(manager, status, ship, cancel):
    said = words(show(manager, status=status))

    assert ("Ship order" in said, "Cancel order" in said) == (ship, cancel)


def test_a_rejected_order_says_why(manager):
    said = words(show(manager, status="rejected", reason=["out_of_stock", "insufficient_credit"]))

    assert "Rejected: out of stock, insufficient credit" in said


@pytest.mark.parametrize(
    ("status", "stock", "credit"),
    [
        ("placed", "Reserved", "Reserved"),
        ("approved", "Reserved", "Charged"),
        ("shipped", "Shipped", "Charged"),
        ("cancelled", "Reserved", "Reserved"),  # until it is given back
    ],
)
def test_what_is_held_is_called_by_what_has_become_of_it(manager, status, stock, credit):
    said = words(show(manager, status=status, stock="reserved", credit="reserved"))

    assert f"Stock {stock} Credit {credit}" in said


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("shipment", "Order marked as shipped."),
        ("cancellation", "Order cancelled. Reserved stock and credit will be released."),
    ],
)
def test_an_order_is_shipped_and_cancelled_with_the_key_of_the_form(manager, what, said):
    manager.gateway.on("POST", f"/v1/orders/{ID}/{what}", order())

    answer = manager.send(f"/orders/{ID}/{what}", {"key": "abc"})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/orders/{ID}")
    assert manager.gateway.asked("POST", f"/v1/orders/{ID}/{what}")[0].headers["Idempotency-Key"].startswith("abc-")
    assert said in words(manager.get(f"/orders/{ID}"))


def test_what_came_too_late_is_told(manager):
    manager.gateway.on("POST", f"/v1/orders/{ID}/shipment", Problem(409, "order-not-shippable"))

    answer = manager.send(f"/orders/{ID}/shipment")

    assert answer.status_code == 303
    assert "Only approved orders can be shipped." in words(manager.get(f"/orders/{ID}"))


# Customers

SETTING = {"credit": "250.00", "reason": "gift", "expected": "100.00"}


def test_customers_are_searched_for(manager):
    said = words(manager.get("/customers?q=ali"))

    assert manager.gateway.asked("GET", "/v1/customers")[-1].query == {"limit": "20", "q": "ali"}
    assert "Alice Lindqvist" in said


def test_credit_is_set_for_a_reason_if_it_is_what_was_seen(manager):
    manager.gateway.on("PUT", "/v1/customers/alice/credit", customer(credit="250.00"))
    assert value_of(manager.get("/customers/alice"), "credit") == "100.00"

    answer = manager.send("/customers/alice", {"credit": "250,00", "reason": "gift", "expected": "100.00"})

    (asked,) = manager.gateway.asked("PUT", "/v1/customers/alice/credit")
    assert asked.body == {"credit": eur("250.00"), "reason": "gift", "expected": eur("100.00")}
    assert "If-Match" not in asked.headers, "it does not matter what else of the customer was edited"
    assert answer.headers["Location"] == "/customers/alice"
    assert "Available credit of alice is now €250.00." in words(manager.get("/customers/alice"))


def test_credit_needs_a_reason_and_an_amount(manager):
    answer = manager.send("/customers/alice", {"credit": "", "reason": ""})

    assert answer.status_code == 422
    assert errors_of(answer, "credit") == errors_of(answer, "reason") == ["This field is required."]
    assert manager.gateway.asked("PUT", "/v1/customers/alice/credit") == []


def test_credit_below_zero_is_refused_and_what_was_typed_stays(manager):
    manager.gateway.on("PUT", "/v1/customers/alice/credit", Problem(409, "credit-below-zero"))

    answer = manager.send("/customers/alice", {"credit": "-5", "reason": "fine", "expected": "100.00"})

    assert "Available credit cannot be negative." in words(answer)
    kept = fields_of(answer, "/customers/alice")
    assert (kept["credit"], kept["reason"], kept["expected"]) == ("-5", "fine", "100.00")


@pytest.mark.parametrize(("typed", "amount"), [("50", "50"), ("-12,50", "-12.50")])
def test_credit_is_added_or_taken_away(manager, typed, amount):
    manager.gateway.on("POST", "/v1/customers/alice/credit-changes", customer(credit="150.00"))

    answer = manager.send("/customers/alice/credit-changes", {"amount": typed, "reason": "gift"})

    (asked,) = manager.gateway.asked("POST", "/v1/customers/alice/credit-changes")
    assert asked.body == {"amount": eur(amount), "reason": "gift"}
    assert answer.headers["Location"] == "/customers/alice"
    assert "Available credit of alice is now €150.00." in words(manager.get("/customers/alice"))


def test_more_credit_than_there_is_cannot_be_taken_away(manager):
    manager.gateway.on("POST", "/v1/customers/alice/credit-changes", Problem(409, "credit-below-zero"))

    answer = manager.send("/customers/alice/credit-changes", {"amount": "-500", "reason": "gift"})

    assert answer.status_code == 422
    assert "Available credit cannot be negative." in words(answer)
    assert (value_of(answer, "amount"), value_of(answer, "credit")) == ("-500", "100.00")


def test_an_amount_that_is_none_is_said_next_to_its_field(manager):
    errors = {"credit.amount": ["Must have at most 2 decimal places."]}
    manager.gateway.on("PUT", "/v1/customers/alice/credit", Problem(422, "invalid-request", errors=errors))

    assert errors_of(manager.send("/customers/alice", SETTING | {"credit": "1.234"}), "credit") == [
        "Use at most 2 decimal places, as in 1,234.56."
    ]
