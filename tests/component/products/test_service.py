"""The products service on the real event store: the catalogue, and who may change it."""

from typing import Any
from uuid import uuid4

import eventlet
import pytest

from shop.contracts.actors import ANONYMOUS, Actor
from shop.contracts.errors import (
    CategoryInUse,
    CommandReused,
    EditConflict,
    Forbidden,
    InvalidRequest,
    Unauthenticated,
    UnknownCategory,
    UnknownProduct,
)
from tests.component.products.support.world import PRICE, add, answer_to, listed_in, place, units
from tests.component.support.running import calling
from tests.support.waiting import wait_until


def test_a_product_is_shown_as_it_was_added(cluster: Any, drinks: str) -> None:
    added = add(cluster, drinks)

    assert added == {
        "id": added["id"],
        "name": "Tea",
        "description": "From the hills.",
        "supplier": "Hill & Co",
        "category": {"id": drinks, "name": "Drinks"},
        "price": PRICE,
        "units_in_stock": 10,
        "version": 1,
    }
    assert cluster.products.get_product(added["id"]) == added
    assert listed_in(cluster, drinks) == [added]
    assert {"id": drinks, "name": "Drinks", "products": 1, "version": 1} in cluster.products.list_categories()
    assert cluster.products.quote([added["id"], str(uuid4())]) == {added["id"]: {"name": "Tea", "price": PRICE}}


def test_an_edit_answers_with_the_product_after_it(cluster: Any, drinks: str) -> None:
    tea, dishes = add(cluster, drinks), cluster.products.add_category("Dishes")["id"]

    price = {"amount": 7, "currency": "EUR"}
    edited = cluster.products.edit_product(tea["id"], {"name": "Teapot", "category_id": dishes, "price": price})

    wanted = tea | {"name": "Teapot", "category": {"id": dishes, "name": "Dishes"}, "price": price, "version": 2}
    assert edited == wanted
    assert cluster.products.get_product(tea["id"]) == wanted
    assert [cluster.products.get_category(category)["products"] for category in (drinks, dishes)] == [0, 1]


def test_a_category_goes_only_when_it_is_empty(cluster: Any, drinks: str) -> None:
    tea = add(cluster, drinks)

    with pytest.raises(CategoryInUse):
        cluster.products.remove_category(drinks)
    cluster.products.withdraw_product(tea["id"])
    cluster.products.remove_category(drinks)

    assert drinks not in [category["id"] for category in cluster.products.list_categories()]
    with pytest.raises(UnknownCategory):
        cluster.products.get_category(drinks)
    with pytest.raises(InvalidRequest) as refusal:
        add(cluster, drinks)
    assert list(refusal.value.errors) == ["category_id"]


def test_a_product_added_while_its_category_is_removed_finds_one_of_them_gone(
    config: dict[str, Any], cluster: Any
) -> None:
    for _ in range(5):
        category = cluster.products.add_category("Brief")["id"]

        def add_one(_: int, category: str = category) -> bool:
            with calling(config) as own:
                try:
                    add(own, category)
                except InvalidRequest:
                    return False
                return True

        def remove(category: str = category) -> bool:
            with calling(config) as own:
                try:
                    own.products.remove_category(category)
                except CategoryInUse:
                    return False
                return True

        adding = [eventlet.spawn(add_one, number) for number in range(3)]
        removing = eventlet.spawn(remove)
        added = [thread.wait() for thread in adding]

        assert removing.wait() == (not any(added))


def test_a_withdrawn_product_is_no_longer_on_sale(cluster: Any, drinks: str) -> None:
    tea = add(cluster, drinks)

    cluster.products.withdraw_product(tea["id"])

    with pytest.raises(UnknownProduct):
        cluster.products.get_product(tea["id"])
    assert listed_in(cluster, drinks) == []
    assert cluster.products.quote([tea["id"]]) == {}


def test_a_key_makes_a_repeated_request_one(config: dict[str, Any], cluster: Any, drinks: str) -> None:
    def add_with_key(_: int) -> dict[str, Any]:
        with calling(config) as own:
            return add(own, drinks, key="once")

    answers = list(eventlet.GreenPool().imap(add_with_key, range(8)))
    tea = answers[0]
    corrections = [cluster.products.adjust_stock(tea["id"], 5, "delivery", key="d") for _ in range(3)]
    cluster.products.withdraw_product(tea["id"], key="w")
    cluster.products.withdraw_product(tea["id"], key="w")

    assert answers == [tea] * 8
    assert [answer["units_in_stock"] for answer in corrections] == [15, 15, 15]
    with pytest.raises(CommandReused):
        add(cluster, drinks, name="Other", key="once")
    with pytest.raises(CommandReused):
        cluster.products.adjust_stock(tea["id"], 6, "delivery", key="d")


def test_an_edit_made_on_another_version_is_refused_also_with_its_key_known(cluster: Any, drinks: str) -> None:
    tea = add(cluster, drinks)

    first = cluster.products.edit_product(tea["id"], {"name": "A"}, key="edit", if_match=1)
    again = cluster.products.edit_product(tea["id"], {"name": "A"}, key="edit", if_match=1)

    assert (first, again["version"]) == (again, 2)
    with pytest.raises(EditConflict):
        cluster.products.edit_product(tea["id"], {"name": "B"}, if_match=1)


def test_products_are_searched_sorted_and_paged(cluster: Any, drinks: str) -> None:
    names = ["Äpfel", "banana", "Cherry", "Straße"]
    for number, name in enumerate(names):
        add(cluster, drinks, name=name, units=number, price={"amount": 900 - number, "currency": "EUR"})
    other = cluster.products.add_category("Other")["id"]

    def listed(**asked: Any) -> list[str]:
        found, after = [], None
        while True:
            page = cluster.products.list_products(**({"category": drinks} | asked), limit=2, after=after)
            found += [product["name"] for product in page["items"]]
            after = page["next"]
            if after is None:
                return found

    assert listed() == ["Äpfel", "banana", "Cherry", "Straße"]
    assert listed(sort="-name") == ["Straße", "Cherry", "banana", "Äpfel"]
    assert listed(sort="price") == names[::-1]
    assert listed(sort="-price") == names
    assert listed(sort="-added") == names[::-1]
    assert listed(q="STRASSE") == ["Straße"]
    assert listed(q="äPF") == ["Äpfel"]
    assert listed(q="apfel HILL") == ["Äpfel"]
    assert listed(q="hill & CO", in_stock=True) == ["banana", "Cherry", "Straße"]
    assert listed(q="%") == []
    assert listed(category=None, q="äpfel") == ["Äpfel"]
    assert listed(category=other) == listed(category=str(uuid4())) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"category": "nonsense"},
        {"sort": "stock"},
        {"limit": 0},
        {"limit": 101},
        {"limit": "20"},
        {"q": "x" * 101},
        {"q": "\x00"},
        {"after": "nonsense"},
        {"in_stock": "perhaps"},
    ],
)
def test_questions_that_make_no_sense_name_their_field(cluster: Any, asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        cluster.products.list_products(**asked)

    assert set(refusal.value.errors) == set(asked)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("description", None),
        ("supplier", 7),
        ("price", {"amount": -1, "currency": "EUR"}),
        ("price", {"amount": 495, "currency": "USD"}),
        ("price", "4.95"),
        ("category_id", "nonsense"),
        ("units", -1),
        ("units", 1.5),
        ("units", 10**12),
    ],
)
def test_products_that_make_no_sense_name_their_field(cluster: Any, drinks: str, field: str, value: Any) -> None:
    values = {"category": drinks} | ({"category": value} if field == "category_id" else {field: value})

    with pytest.raises(InvalidRequest) as refusal:
        add(cluster, **values)

    assert list(refusal.value.errors) == ["units_in_stock" if field == "units" else field]


def test_the_stock_is_no_field_to_edit(cluster: Any, drinks: str) -> None:
    tea = add(cluster, drinks)

    with pytest.raises(InvalidRequest) as refusal:
        cluster.products.edit_product(tea["id"], {"units_in_stock": 5, "name": "Tea"})

    assert list(refusal.value.errors) == ["units_in_stock"]


def test_ids_of_nothing_are_unknown_whatever_their_form(cluster: Any) -> None:
    for id_ in (str(uuid4()), "nonsense", "", "\x00", 7, None):
        with pytest.raises(UnknownProduct):
            cluster.products.get_product(id_)
        with pytest.raises(UnknownProduct):
            cluster.products.adjust_stock(id_, 1, "found")
        with pytest.raises(UnknownCategory):
            cluster.products.rename_category(id_, "Name")


@pytest.mark.parametrize(
    "write",
    [
        lambda products, id_: products.add_category("Drinks"),
        lambda products, id_: products.rename_category(id_, "Drinks"),
        lambda products, id_: products.remove_category(id_),
        lambda products, id_: products.add_product(
            name="Tea", description="x", supplier="x", category_id=id_, price=PRICE, units_in_stock=1
        ),
        lambda products, id_: products.edit_product(id_, {"name": "Tea"}),
        lambda products, id_: products.adjust_stock(id_, 1, "found"),
        lambda products, id_: products.withdraw_product(id_),
        lambda products, id_: products.rebuild(),
    ],
)
def test_only_managers_write(config: dict[str, Any], cluster: Any, write: Any) -> None:
    for actor, refusal in ((Actor("ann", "customer"), Forbidden), (Actor(ANONYMOUS, ANONYMOUS), Unauthenticated)):
        with calling(config, actor) as own, pytest.raises(refusal):
            write(own.products, str(uuid4()))


def test_visitors_read(config: dict[str, Any], cluster: Any, drinks: str) -> None:
    tea = add(cluster, drinks)

    with calling(config, Actor(ANONYMOUS, ANONYMOUS)) as own:
        assert own.products.get_product(tea["id"]) == tea
        assert listed_in(own, drinks) == [tea]
        assert own.products.get_category(drinks)["products"] == 1


def test_a_rebuilt_catalogue_is_the_same(cluster: Any, drinks: str) -> None:
    tea, cup = add(cluster, drinks), add(cluster, drinks, name="Cup")
    cluster.products.edit_product(tea["id"], {"name": "Green tea", "price": {"amount": 1, "currency": "EUR"}})
    cluster.products.withdraw_product(cup["id"])
    answer_to(cluster, place(cluster, (tea["id"], 2)))
    wait_until(lambda: units(cluster, tea["id"]) == 8)
    before = listed_in(cluster, drinks), cluster.products.list_categories()

    cluster.products.rebuild()
    wait_until(lambda: not cluster.products.rebuild_progress()["running"])

    assert (listed_in(cluster, drinks), cluster.products.list_categories()) == before
