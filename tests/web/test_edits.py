"""Two people edit one thing at the same time, in every form of both websites: nothing is overwritten unseen."""

from dataclasses import dataclass
from typing import Any

import pytest

from shop.http.client import Problem
from tests.web.support.editing import Edited
from tests.web.support.fake_gateway import BOWL, KITCHEN, customer, eur, product
from tests.web.support.forms import fields_of, note_of
from tests.web.support.managing import Manager
from tests.web.support.visiting import Visitor, words

GARDEN = KITCHEN | {"id": "00000000-0000-4000-8000-0000000000c2", "name": "Garden"}
CELLAR = KITCHEN | {"id": "00000000-0000-4000-8000-0000000000c3", "name": "Cellar"}
HOME = {"street": "Mill Lane 3", "postcode": "3000", "city": "Bern", "country": "CH"}


@dataclass(frozen=True)
class Case:
    """A form, and the edits of two people in it.

    Args:
        theirs: the fields that another user saves, as the gateway has them.
        mine: another field, as it is typed here.
        both: the fields that `theirs` changes, typed here with another value.
        body: the body to be sent for `mine` once theirs is known.
        shown: how `theirs` is told.
    """

    who: type[Any]
    page: str
    action: str
    path: str
    thing: dict[str, Any]
    theirs: dict[str, Any]
    mine: dict[str, str]
    both: dict[str, str]
    body: dict[str, Any]
    shown: str

    @property
    def name(self):
        """Of the field that both change."""
        return next(iter(self.both))


CASES = {
    "product's price": Case(
        who=Manager,
        page=f"/products/{BOWL}",
        action=f"/products/{BOWL}",
        path=f"/v1/products/{BOWL}",
        thing=product(price="10.00"),
        theirs={"price": eur("99.00")},
        mine={"name": "Bowl"},
        both={"price": "12.00"},
        body={"name": "Bowl"},
        shown="99.00",
    ),
    "product's description": Case(
        who=Manager,
        page=f"/products/{BOWL}",
        action=f"/products/{BOWL}",
        path=f"/v1/products/{BOWL}",
        thing=product() | {"description": "Round.\nBlue."},
        theirs={"description": "Round.\nRed."},
        mine={"price": "12,50"},
        both={"description": "Square.\r\nBlue."},
        body={"price": eur("12.50")},
        shown="Round. Red.",
    ),
    "product's category": Case(
        who=Manager,
        page=f"/products/{BOWL}",
        action=f"/products/{BOWL}",
        path=f"/v1/products/{BOWL}",
        thing=product(),
        theirs={"category": {"id": GARDEN["id"], "name": "Garden"}},
        mine={"supplier": "Leaf"},
        both={"category_id": CELLAR["id"]},
        body={"supplier": "Leaf"},
        shown="Garden",
    ),
    "customer's name": Case(
        who=Visitor,
        page="/profile",
        action="/profile",
        path="/v1/customers/me",
        thing=customer(),
        theirs={"full_name": "Alice Ash"},
        mine={"email": "a@shop.example"},
        both={"full_name": "Alice Elm"},
        body={"email": "a@shop.example"},
        shown="Alice Ash",
    ),
    "customer's address": Case(
        who=Visitor,
        page="/profile",
        action="/profile/address",
        path="/v1/customers/me",
        thing=customer(address=HOME),
        theirs={"address": HOME | {"city": "Basel", "postcode": "4000"}},
        mine={"street": "Mill Lane 4"},
        both={"city": "Thun"},
        body={"address": HOME | {"city": "Basel", "postcode": "4000", "street": "Mill Lane 4"}},
        shown="Basel",
    ),
}


def somebody(case):
    visitor = case.who()
    if case.who is Visitor:
        visitor.log_in()
    visitor.gateway.on("GET", "/v1/categories", {"items": [KITCHEN, GARDEN, CELLAR], "next": None})
    return visitor, Edited(visitor.gateway, case.path, dict(case.thing))


@pytest.fixture(params=CASES.values(), ids=CASES)
def case(request):
    return request.param


def test_an_edit_of_one_field_keeps_what_somebody_else_did_to_another(case):
    visitor, edited = somebody(case)
    form = fields_of(visitor.get(case.page), case.action)
    edited.change(**case.theirs)

    first = visitor.client.post(case.action, data=form | case.mine)
    told = note_of(first, case.name)
    second = visitor.client.post(case.action, data=fields_of(first, case.action))

    assert (first.status_code, second.status_code) == (422, 303), words(second)
    assert "Someone else has changed this since you opened it." in words(first)
    assert told.startswith("Changed by someone else.")
    assert edited.edits == [case.body]


def test_where_both_changed_one_field_both_values_are_shown_and_the_second_click_decides(case):
    visitor, edited = somebody(case)
    form = fields_of(visitor.get(case.page), case.action)
    edited.change(**case.theirs)

    first = visitor.client.post(case.action, data=form | case.both)
    again = fields_of(first, case.action)
    second = visitor.client.post(case.action, data=again)

    assert (first.status_code, second.status_code) == (422, 303)
    assert f"Current value, changed by someone else: {case.shown}" in note_of(first, case.name)
    assert again[case.name] == case.both[case.name]
    assert len(edited.edits) == 1


def test_what_somebody_else_changed_outside_of_the_form_is_in_nobodys_way(case):
    visitor, edited = somebody(case)
    form = fields_of(visitor.get(case.page), case.action)
    edited.change(credit=eur("1.00"), units_in_stock=1)

    answer = visitor.client.post(case.action, data=form | case.mine)

    assert answer.status_code == 303
    assert len(edited.edits) == 1


def test_a_form_with_something_wrong_still_stands_for_the_version_that_was_seen(case):
    visitor, edited = somebody(case)
    form = fields_of(visitor.get(case.page), case.action)
    edited.change(**case.theirs)

    wrong = visitor.client.post(case.action, data=form | dict.fromkeys(case.mine, ""))
    first = visitor.client.post(case.action, data=fields_of(wrong, case.action) | case.mine)

    assert note_of(wrong, case.name) == ""
    assert (wrong.status_code, first.status_code) == (422, 422)
    assert note_of(first, case.name)
    assert edited.edits == []


def test_a_form_without_what_was_seen_shows_everything_that_differs(case):
    visitor, edited = somebody(case)
    form = fields_of(visitor.get(case.page), case.action) | {"seen": ""}
    edited.change(**case.theirs)

    answer = visitor.client.post(case.action, data=form)

    assert answer.status_code == 422
    assert f"Current value, changed by someone else: {case.shown}" in note_of(answer, case.name)


def test_a_name_that_two_give_to_a_category_is_decided_by_the_second_click():
    path = f"/v1/categories/{KITCHEN['id']}"
    manager = Manager()
    edited = Edited(manager.gateway, path, dict(KITCHEN))
    form = fields_of(manager.get(f"/categories/{KITCHEN['id']}"), f"/categories/{KITCHEN['id']}")
    edited.change(name="Cooking")

    first = manager.client.post(f"/categories/{KITCHEN['id']}", data=form | {"name": "Eating"})
    second = manager.client.post(f"/categories/{KITCHEN['id']}", data=fields_of(first, f"/categories/{KITCHEN['id']}"))

    assert "Current value, changed by someone else: Cooking" in note_of(first, "name")
    assert (first.status_code, second.status_code, edited.thing["name"]) == (422, 303, "Eating")


def test_credit_that_an_order_has_taken_is_shown_before_it_is_set():
    manager = Manager()
    form = fields_of(manager.get("/customers/alice"), "/customers/alice")
    manager.gateway.on("GET", "/v1/customers/alice", customer(credit="20.00"))
    manager.gateway.on("PUT", "/v1/customers/alice/credit", Problem(409, "credit-moved"))

    refused = manager.client.post("/customers/alice", data=form | {"credit": "150", "reason": "gift"})
    manager.gateway.on("PUT", "/v1/customers/alice/credit", customer(credit="150.00"))
    again = fields_of(refused, "/customers/alice")
    saved = manager.client.post("/customers/alice", data=again)

    first, second = manager.gateway.asked("PUT", "/v1/customers/alice/credit")
    assert (refused.status_code, saved.status_code) == (422, 303)
    assert "The available credit has changed since you opened this page." in words(refused)
    assert "Current value, changed by someone else: 20.00" in note_of(refused, "credit")
    assert (first.body["expected"], second.body["expected"]) == (eur("100.00"), eur("20.00"))
    assert first.headers["Idempotency-Key"] != second.headers["Idempotency-Key"]


def test_credit_is_not_set_without_a_word_on_what_was_seen():
    manager = Manager()

    answer = manager.send("/customers/alice", {"credit": "150", "reason": "gift"})

    assert (answer.status_code, fields_of(answer, "/customers/alice")["expected"]) == (422, "100.00")
    assert manager.gateway.asked("PUT", "/v1/customers/alice/credit") == []
