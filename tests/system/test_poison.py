"""An event that a service cannot handle is set aside, with what follows of its order, and all others go on."""

import json
from uuid import uuid4

import pytest

from shop_cli.demo.accounts import MANAGER, MANAGER_PASSWORD
from tests.support.waiting import wait_until
from tests.system.support.agreement import require_agreement
from tests.system.support.in_one_process import InOneProcess
from tests.system.support.market import FIRST_MANAGER, empty_shop
from tests.system.support.shapes import funds
from tests.system.support.shop_under_test import ShopUnderTest
from tests.system.support.website import Website

TRIES = 6


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    with empty_shop(tmp_path_factory.mktemp("market"), SHOP_ORDER_TIMEOUT_SECONDS="2") as shop:
        yield shop


@pytest.fixture
def customer(market):
    return market.new_customer()


@pytest.fixture
def product(market):
    return market.as_manager().add_product(price="10.00", units=100)


@pytest.fixture
def order_id():
    return str(uuid4())


@pytest.fixture(autouse=True)
def others_go_on(market):
    """Other customers can still order, whatever a test has done to the shop."""
    yield
    customer, product = market.new_customer("10.00"), market.as_manager().add_product(price="10.00", units=1)
    wait_until(lambda: is_approved(customer, product), "an order to be approved")


def is_approved(customer, product):
    """Whether a new order is; on a slow machine one may time out."""
    return customer.wait_for_end(customer.place_order({product["id"]: 1}))["status"] == "approved"


def commit(order_id, *events, once=None, expects):
    meta = {"correlation_id": order_id, "causation": 0, "actor": "operator:operator", "service": "tests"}
    return {
        "command_id": once or f"poison:{uuid4()}",
        "events": list(events),
        "expects": expects,
        "fingerprint": None,
        "meta": meta,
    }


def record(market, order_id, type_, data, **where):
    """Append an event as nobody should, to the order's stream if no other is named. Returns its position."""
    stream = where.get("stream", f"order-{order_id}")
    event = {"stream": stream, "type": type_, "data": data}
    asked = commit(order_id, event, expects={stream: where.get("version", 0)})
    return market.call("event_store", "append", asked)["commit"]["position"]


def letters(market, order_id):
    """Service, reaction, position and tries of an order's dead letters."""
    fields = ("subscription", "reaction", "position", "attempts")
    found = [x for x in market.call("event_store", "dead_letters") if x["correlation_id"] == order_id]
    return sorted(tuple(letter[field] for field in fields) for letter in found)


def wait_for_letters(market, order_id, expected):
    wait_until(lambda: letters(market, order_id) == sorted(expected), f"{expected} among the dead letters")


def retry(market, order_id, service):
    """Have the order's dead letters of a service tried again, as an operator would."""
    found = market.call("event_store", "dead_letters")
    first = next(x for x in found if (x["subscription"], x["correlation_id"]) == (service, order_id))
    done = market.installation.command("dead-letters", "retry", str(first["id"]))
    assert done.returncode == 0, done.stderr


def unreadable(position):
    """The letters of an order whose OrderPlaced nobody can read."""
    return [
        ("customers", "reserve_credit", position, TRIES),
        ("orders", "projection:show_order", position, TRIES),
        ("products", "reserve_stock", position, TRIES),
    ]


def waiting(position):
    """The letters of what comes after it, and would release what the order held."""
    return [("customers", "release_credit", position, 0), ("products", "release_stock", position, 0)]


def test_an_event_that_cannot_be_read_is_set_aside_by_everybody_who_wants_it(market, customer, product, order_id):
    position = record(market, order_id, "OrderPlaced", {"order_id": order_id, "customer": 7})

    order = customer.wait_for_end(customer.place_order({product["id"]: 1}))

    assert order["status"] == "approved"
    wait_for_letters(market, order_id, unreadable(position))
    shown = market.installation.command("dead-letters").stdout
    assert all(text in shown for text in (order_id, "reserve_credit", "reserve_stock", "set_aside"))


def test_later_events_of_the_same_order_wait_behind_also_after_a_retry_in_vain(market, order_id):
    position = record(market, order_id, "OrderPlaced", {"order_id": order_id})
    wait_for_letters(market, order_id, unreadable(position))
    rejected = {"order_id": order_id, "customer": "x", "reasons": ["timed_out"]}
    later = record(market, order_id, "OrderRejected", rejected, version=1)
    wait_for_letters(market, order_id, [*unreadable(position), *waiting(later)])

    retry(market, order_id, "products")

    *others, _ = unreadable(position)
    again = ("products", "reserve_stock", position, TRIES + 1)
    wait_for_letters(market, order_id, [*others, again, *waiting(later)])
    assert {letter["state"] for letter in market.call("event_store", "dead_letters")} == {"set_aside"}


def test_dead_letters_outlive_a_kill(market, order_id):
    position = record(market, order_id, "OrderPlaced", {})
    wait_for_letters(market, order_id, unreadable(position))

    market.kill_9()
    market.restart()

    assert letters(market, order_id) == unreadable(position)
    cancelled = {"order_id": order_id, "customer": "x", "was_approved": False}
    later = record(market, order_id, "OrderCancelled", cancelled, version=1)
    wait_for_letters(market, order_id, [*unreadable(position), *waiting(later)])


def test_an_event_that_comes_too_early_is_handled_by_a_retry_once_it_can_be(market, customer, product, order_id):
    """A cancellation that asks for a credit note, of an invoice that is not there yet."""
    cancelled = {"order_id": order_id, "customer": customer.username, "was_approved": True}
    position = record(market, order_id, "OrderCancelled", cancelled)
    wait_for_letters(market, order_id, [("accounting", "issue_credit_note", position, TRIES)])
    number = invoice_like_that_of(market, customer.wait_for_end(customer.place_order({product["id"]: 1})), order_id)

    retry(market, order_id, "accounting")

    wait_for_letters(market, order_id, [])
    (note,) = found(market, f"credit-note:{order_id}")["events"]
    assert note["data"]["invoice_number"] == number
    shown = f"{note['data']['invoice_year']}-{number:06d}"
    wait_until(lambda: customer.read(f"/v1/invoices/{shown}")["credited_by"], "the credit note")


def invoice_like_that_of(market, order, order_id):
    """Write an invoice for an order that never was. Returns its number."""
    (like,) = found(market, f"invoice:{order['id']}")["events"]
    number = like["version"] + 1
    event = {"stream": like["stream"], "type": "InvoiceIssued"}
    event["data"] = like["data"] | {"order_id": order_id, "number": number}
    asked = commit(order_id, event, once=f"invoice:{order_id}", expects={like["stream"]: like["version"]})
    market.call("event_store", "append", asked)
    return number


def found(market, command_id):
    return market.call("event_store", "find", [command_id])[command_id]


def test_an_order_that_one_service_cannot_handle_times_out(market, customer, product, order_id):
    """Its total is in another currency than the customer's credit."""
    line = {"product_id": product["id"], "name": "Pen", "quantity": 3, "unit_price": dollars(1000)}
    placed = {"order_id": order_id, "customer": customer.username, "lines": [line], "total": dollars(3000)}
    position = record(market, order_id, "OrderPlaced", {**placed, "address": None})

    rejected = customer.wait_for({"id": order_id}, "rejected")

    assert rejected["reason"] == ["timed_out"]
    wait_until(lambda: customer.order({"id": order_id})["stock"] == "released", "the units")
    assert customer.product(product["id"])["units_in_stock"] == 100
    wait_until(lambda: len(letters(market, order_id)) == 2, "the dead letters")
    assert ("customers", "reserve_credit", position, TRIES) in letters(market, order_id)
    assert funds(customer) == ("100.00", "0.00", "0.00")


def dollars(cents):
    return {"amount": cents, "currency": "USD"}


def test_an_order_that_can_no_longer_be_read_does_not_keep_others_from_timing_out(market, customer, product):
    market.call("customers", "pause")
    spoilt, late = (customer.place_order({product["id"]: 1}) for _ in range(2))
    record(market, spoilt["id"], "OrderShipped", {"order_id": 7}, version=1)

    rejected = customer.wait_for(late, "rejected")

    market.call("customers", "resume")
    assert rejected["reason"] == ["timed_out"]
    assert customer.wait_for_end(late)["credit"] == "released"


def test_a_product_that_can_no_longer_be_read_fails_its_own_orders_only(market, customer, product):
    other = market.as_manager().add_product(price="1.00", units=5)
    stream = f"product-{other['id']}"
    record(market, "a spoilt product", "StockAdjusted", {"product_id": other["id"]}, stream=stream, version=1)

    orders = [customer.place_order({product["id"]: 1}), customer.place_order({product["id"]: 1, other["id"]: 1})]

    assert customer.wait_for_end(orders[0])["status"] == "approved"
    assert customer.wait_for(orders[1], "rejected")["reason"] == ["timed_out"]
    wait_until(lambda: customer.product(product["id"])["units_in_stock"] == 99, "the unit to be gone")


# One in a thousand

ORDERS = 1000


class Faulty(InOneProcess):
    """A shop whose code cannot handle one order.

    Args:
        order_id: of that order.
    """

    MODULE = "tests.system.support.faulty_shop"

    def __init__(self, folder, order_id):
        # However slow the machine is, the order still waits for its answer when that comes.
        env = FIRST_MANAGER | {"FAULTY_ORDER": order_id, "SHOP_ORDER_TIMEOUT_SECONDS": "600"}
        super().__init__(folder, env, ["--no-demo"])

    def mend(self):
        """From its next start on."""
        self.MODULE = InOneProcess.MODULE


@pytest.fixture
def faulty(tmp_path, order_id):
    with ShopUnderTest(Faulty(tmp_path / "var", order_id)).running() as shop:
        yield shop


@pytest.mark.proof  # it takes long
def test_one_bad_event_in_a_thousand_holds_up_no_other_and_is_made_up_for_once_its_cause_is_gone(faulty, order_id):
    manager, buyer = faulty.as_manager(), faulty.new_customer(credit="2000.00")
    orders = [order_id if number == ORDERS // 2 else str(uuid4()) for number in range(ORDERS)]

    positions = place(faulty, buyer, manager.add_product(price="1.00", units=ORDERS), orders)

    wait_until(lambda: count(manager, "approved") == ORDERS - 1, "all others to be approved")
    wait_for_letters(faulty, order_id, [("customers", "reserve_credit", positions[order_id], TRIES)])
    assert buyer.order({"id": order_id})["status"] == "placed"
    assert tries(faulty) == [(order_id, number) for number in range(1, TRIES + 1)]
    require_that_everybody_can_see_it(faulty, order_id)

    faulty.stop()
    faulty.installation.mend()
    faulty.restart()
    retry_at_the_back_office(faulty, order_id)

    wait_until(lambda: count(manager, "approved") == ORDERS, "the last one to be approved")
    wait_for_letters(faulty, order_id, [])
    books = require_agreement(faulty)
    assert {key: story.status for key, story in books.stories.items()} == dict.fromkeys(orders, "approved")


def place(shop, buyer, product, orders):
    """Have an order of one unit recorded for each id. Returns their positions, by id."""
    euro = {"amount": 100, "currency": "EUR"}
    line = {"product_id": product["id"], "name": product["name"], "quantity": 1, "unit_price": euro}
    placed = {"customer": buyer.username, "lines": [line], "total": euro, "address": None}
    commits = []
    for order in orders:
        event = {"stream": f"order-{order}", "type": "OrderPlaced", "data": placed | {"order_id": order}}
        commits.append(commit(order, event, once=f"place:{order}", expects={event["stream"]: 0}))
    outcomes = shop.call("event_store", "append_many", commits)["outcomes"]
    return {order: outcome["commit"]["position"] for order, outcome in zip(orders, outcomes, strict=True)}


def count(manager, status):
    return manager.read("/v1/orders/counts")[status]


def tries(shop):
    """Correlation ids of events that could not be handled, each with the number of the try, one after the other."""
    lines = map(json.loads, shop.installation.log_file.read_text().splitlines())
    failed = [line for line in lines if line["event"] in ("event not handled", "event set aside")]
    return [(line["correlation_id"], line["attempt"]) for line in failed]


def require_that_everybody_can_see_it(shop, order_id):
    """Managers, at the API and in the back office, and operators."""
    (letter,) = shop.as_manager().read("/v1/dead-letters")["items"]
    assert (letter["correlation_id"], letter["error"]) == (order_id, "this order is one too many")
    assert order_id in back_office(shop).get("/dead-letters").text
    assert order_id in shop.installation.command("dead-letters").stdout
    assert "Dead letters: 1." in shop.installation.command("status", "--once").stdout


def retry_at_the_back_office(shop, order_id):
    (letter,) = shop.as_manager().read("/v1/dead-letters")["items"]
    assert letter["correlation_id"] == order_id
    answer = back_office(shop).send(f"/dead-letters/{letter['id']}/retry", seen_on="/dead-letters")
    assert answer.ok, answer.text


def back_office(shop):
    address = shop.installation.websites["BACKOFFICE_ADDRESS"]
    return Website(address).log_in(MANAGER.username, MANAGER_PASSWORD)
