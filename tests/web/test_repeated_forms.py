"""A form that is sent twice is carried out once; one that is sent again with other values is another request."""

from dataclasses import dataclass, field

import pytest

from shop.http.client import Problem
from tests.web.support.fake_gateway import BOWL, KITCHEN, LAMP, order, product
from tests.web.support.forms import fields_of
from tests.web.support.managing import Manager
from tests.web.support.visiting import Visitor

ORDER = f"/orders/{order()['id']}"
NEW = {
    "name": "Pot",
    "description": "",
    "supplier": "Leaf",
    "category_id": KITCHEN["id"],
    "price": "9",
    "units_in_stock": "7",
}
PERSON = {"username": "maria", "full_name": "Maria", "email": "m@example.org", "password": "correct horse"}
PASSWORDS = {"current_password": "correct horse", "new_password": "battery staple"}


@dataclass(frozen=True)
class Sent:
    """A form that is carried out with a key.

    Args:
        page: where it is, if not at its own address.
        call: method and path of the call to the gateway.
        changed: other values for it; empty where there are none to change.
    """

    who: str
    action: str
    call: tuple[str, str]
    fields: dict[str, str] = field(default_factory=dict)
    changed: dict[str, str] = field(default_factory=dict)
    page: str = ""


CUSTOMER = "/v1/customers/alice"
FORMS = {
    "a registration": Sent("visitor", "/register", ("POST", "/v1/customers"), PERSON, {"full_name": "Maria K."}),
    "a name": Sent("customer", "/profile", ("PATCH", "/v1/customers/me"), {"full_name": "A"}, {"full_name": "B"}),
    "an address": Sent(
        *("customer", "/profile/address", ("PATCH", "/v1/customers/me")),
        {"street": "Way 1", "postcode": "1", "city": "Bern", "country": "CH"},
        {"street": "Way 2"},
        page="/profile",
    ),
    "a password": Sent(
        "customer", "/profile/password", ("PUT", "/v1/customers/me/password"), PASSWORDS, page="/profile"
    ),
    "an order": Sent("buyer", "/checkout", ("POST", "/v1/orders")),
    "a customer's cancellation": Sent(
        "customer", f"{ORDER}/cancellation", ("POST", f"/v1{ORDER}/cancellation"), page=ORDER
    ),
    "a new product": Sent("manager", "/products/new", ("POST", "/v1/products"), NEW, {"name": "Pan"}),
    "a product": Sent(
        "manager", f"/products/{BOWL}", ("PATCH", f"/v1/products/{BOWL}"), {"price": "9"}, {"price": "8"}
    ),
    "a delivery": Sent(
        *("manager", f"/products/{BOWL}/stock", ("POST", f"/v1/products/{BOWL}/stock")),
        {"delta": "5", "reason": "delivery"},
        {"delta": "6"},
        page=f"/products/{BOWL}",
    ),
    "a withdrawal": Sent("manager", f"/products/{BOWL}/withdrawal", ("DELETE", f"/v1/products/{BOWL}")),
    "a new category": Sent("manager", "/categories", ("POST", "/v1/categories"), {"name": "A"}, {"name": "B"}),
    "a category": Sent(
        "manager",
        f"/categories/{KITCHEN['id']}",
        ("PATCH", f"/v1/categories/{KITCHEN['id']}"),
        {"name": "A"},
        {"name": "B"},
    ),
    "a removal": Sent("manager", f"/categories/{KITCHEN['id']}/removal", ("DELETE", f"/v1/categories/{KITCHEN['id']}")),
    "a sum": Sent(
        *("manager", "/customers/alice", ("PUT", f"{CUSTOMER}/credit")),
        {"credit": "5", "reason": "gift"},
        {"credit": "6"},
    ),
    "a change of credit": Sent(
        *("manager", "/customers/alice/credit-changes", ("POST", f"{CUSTOMER}/credit-changes")),
        {"amount": "5", "reason": "gift"},
        {"amount": "6"},
        page="/customers/alice",
    ),
    "a shipment": Sent("manager", f"{ORDER}/shipment", ("POST", f"/v1{ORDER}/shipment")),
    "a manager's cancellation": Sent("manager", f"{ORDER}/cancellation", ("POST", f"/v1{ORDER}/cancellation")),
    "a retry": Sent("manager", "/dead-letters/7/retry", ("POST", "/v1/dead-letters/7/retry"), page="/dead-letters"),
}


def somebody(who):
    person = Manager() if who == "manager" else Visitor()
    if who in ("customer", "buyer"):
        person.log_in()
    if who == "buyer":
        person.fill_cart()
    person.gateway.on("GET", f"/v1{ORDER}", order(status="approved"))
    person.gateway.on("GET", f"/v1{ORDER}/history", {"items": [], "next": None})
    person.gateway.on("GET", f"/v1/categories/{KITCHEN['id']}", KITCHEN | {"products": 0})
    return person


@pytest.fixture(params=FORMS.values(), ids=FORMS)
def sent(request):
    return request.param


def keys_of(person, sent):
    return [asked.headers["Idempotency-Key"] for asked in person.gateway.asked(*sent.call)]


def sends(sent, *changes):
    """The keys of what the gateway is asked when one form, as it was shown once, is sent with each of these."""
    person = somebody(sent.who)
    person.gateway.on(*sent.call, Problem(503, "stub", "the test only looks at what is asked"))
    form = fields_of(person.get(sent.page or sent.action), sent.action) | sent.fields
    for change in changes:
        person.client.post(sent.action, data=form | change)
    return keys_of(person, sent)


def test_a_double_click_is_one_request(sent):
    first, second = sends(sent, {}, {})

    assert first == second


def test_the_same_form_with_other_values_is_another_request(sent):
    if not sent.changed:
        return
    first, second, third = sends(sent, {}, sent.changed, sent.changed)

    assert first != second
    assert second == third, "once, too"


def test_every_page_view_is_a_request_of_its_own(sent):
    assert sends(sent, {}) != sends(sent, {})


def test_no_password_can_be_told_from_a_key():
    registering = FORMS["a registration"]

    first, second = sends(registering, {}, {"password": "battery staple"})

    assert first == second


@pytest.mark.parametrize(
    ("name", "change"),
    [("a registration", {"password": "battery staple"}), ("a password", {"new_password": "another one"})],
)
def test_a_form_sent_again_with_another_password_is_another_request(name, change):
    sent = FORMS[name]
    person = somebody(sent.who)
    form = fields_of(person.get(sent.page or sent.action), sent.action) | sent.fields
    person.gateway.on(*sent.call, Problem(422, "command-reused"))

    person.client.post(sent.action, data=form | change)

    first, second = keys_of(person, sent)
    assert first != second
    assert [asked.body for asked in person.gateway.asked(*sent.call)] == [
        person.gateway.asked(*sent.call)[0].body for _ in range(2)
    ]


def test_one_key_of_a_page_with_several_forms_is_another_for_each():
    person = Manager()
    keys = []
    for letter in (7, 8):
        person.gateway.on("POST", f"/v1/dead-letters/{letter}/retry", None)
        person.send(f"/dead-letters/{letter}/retry", {"key": "abc"})
        keys += [
            asked.headers["Idempotency-Key"]
            for asked in person.gateway.asked("POST", f"/v1/dead-letters/{letter}/retry")
        ]

    assert len(set(keys)) == 2


def test_every_form_with_a_key_is_in_the_list():
    """Every form that is sent with a key from the page is tried above."""
    known = {sent.action for sent in FORMS.values()}
    pages = {
        "visitor": ["/", "/login", "/register", "/cart", f"/products/{BOWL}"],
        "customer": ["/profile", ORDER],
        "buyer": ["/checkout"],
        "manager": [
            *("/categories", f"/categories/{KITCHEN['id']}", f"/categories/{KITCHEN['id']}/removal"),
            *("/products/new", f"/products/{BOWL}", f"/products/{BOWL}/withdrawal"),
            *("/customers/alice", f"{ORDER}/shipment", f"{ORDER}/cancellation", "/dead-letters"),
        ],
    }

    found = {action for who, paths in pages.items() for path in paths for action in keyed(somebody(who).text(path))}

    assert found - {"/login"} == known


def keyed(page):
    """Where the forms of a page that have a key are sent."""
    return [part.split('"')[0] for part in page.split('action="')[1:] if 'name="key"' in part.split("</form>")[0]]


def test_other_products_are_not_in_the_way_of_an_order():
    person = somebody("buyer")
    person.gateway.on("GET", f"/v1/products/{LAMP}", product(LAMP))
    person.gateway.on("POST", "/v1/orders", order())
    first = fields_of(person.get("/checkout"), "/checkout")
    person.send(f"/cart/products/{LAMP}")
    second = fields_of(person.get("/checkout"), "/checkout") | {"key": first["key"]}

    for form in (first, second):
        person.client.post("/checkout", data=form)

    assert len(set(keys_of(person, FORMS["an order"]))) == 2
