"""The rules of the catalogue."""

import pytest

from product_svc.commands import AddCategory, AdjustStock, RemoveCategory, RenameCategory, WithdrawProduct
from product_svc.domain import (
    CATEGORY,
    MOST_UNITS,
    PRODUCT,
    Category,
    add_category,
    add_product,
    adjust_stock,
    categories_of_change,
    change_product,
    remove_category,
    rename_category,
    withdraw_product,
)
from shop.contracts.errors import (
    CategoryInUse,
    EditConflict,
    InvalidRequest,
    StockBelowZero,
    UnknownCategory,
    UnknownProduct,
)
from shop.contracts.events import (
    CategoryAdded,
    CategoryRemoved,
    CategoryRenamed,
    OrderShipped,
    PriceChanged,
    ProductAdded,
    ProductChanged,
    ProductDelisted,
    ProductListed,
    ProductWithdrawn,
    StockAdjusted,
)
from tests.unit.support.product_builders import DISHES, DRINKS, ORDER, TEA, a_category, a_product, adding, changing, eur

BOTH = {DRINKS: a_category(DRINKS, products=1), DISHES: a_category(DISHES)}


def test_a_category_is_added_once():
    command = AddCategory(category_id=DRINKS, name="Drinks")

    events = add_category(None, command)

    assert events == [CategoryAdded(category_id=DRINKS, name="Drinks")]
    assert add_category(CATEGORY.fold(events), command) == []


def test_a_category_is_renamed():
    events = rename_category(a_category(), RenameCategory(category_id=DRINKS, name="Teas", if_match=1))

    assert events == [CategoryRenamed(category_id=DRINKS, name="Teas")]
    assert CATEGORY.fold(events, a_category()) == Category(category_id=DRINKS, name="Teas", version=2)


def test_a_category_renamed_to_its_own_name_is_not_recorded():
    assert rename_category(a_category(), RenameCategory(category_id=DRINKS, name="Drinks")) == []


def test_an_empty_category_is_removed():
    events = remove_category(a_category(), RemoveCategory(category_id=DRINKS))

    assert events == [CategoryRemoved(category_id=DRINKS)]
    assert CATEGORY.fold(events, a_category()) is None


def test_a_category_with_products_cannot_be_removed():
    listed = CATEGORY.fold([ProductListed(category_id=DRINKS, product_id=TEA)], a_category())

    with pytest.raises(CategoryInUse):
        remove_category(listed, RemoveCategory(category_id=DRINKS))

    delisted = CATEGORY.fold([ProductDelisted(category_id=DRINKS, product_id=TEA)], listed)
    assert remove_category(delisted, RemoveCategory(category_id=DRINKS))


def test_products_do_not_count_as_edits_of_their_category():
    category = CATEGORY.fold([ProductListed(category_id=DRINKS, product_id=TEA)], a_category())

    assert category is not None
    assert category.version == 1


@pytest.mark.parametrize(
    "edit",
    [
        lambda category: rename_category(category, RenameCategory(category_id=DRINKS, name="Teas", if_match=7)),
        lambda category: remove_category(category, RemoveCategory(category_id=DRINKS, if_match=7)),
    ],
)
def test_edits_of_a_category_need_it_at_their_version(edit):
    with pytest.raises(EditConflict):
        edit(a_category())
    with pytest.raises(UnknownCategory):
        edit(None)


def test_a_product_is_added_and_listed_in_its_category():
    command = adding(TEA, units=10)

    events = add_product(None, a_category(), command)

    assert events == [
        ProductAdded(
            product_id=TEA,
            name="Tea",
            description="From the hills.",
            supplier="Hill & Co",
            category_id=DRINKS,
            price=eur(495),
            units_in_stock=10,
        ),
        ProductListed(category_id=DRINKS, product_id=TEA),
    ]
    assert add_product(a_product(), a_category(), command) == []


def test_a_product_needs_a_category():
    with pytest.raises(InvalidRequest) as refusal:
        add_product(None, None, adding())

    assert list(refusal.value.errors) == ["category_id"]


def test_an_edit_keeps_what_it_does_not_name():
    events = change_product(a_product(), {}, changing({"name": "Green tea"}))

    assert events == [
        ProductChanged(
            product_id=TEA,
            name="Green tea",
            description="From the hills.",
            supplier="Hill & Co",
            category_id=DRINKS,
        )
    ]


def test_price_and_stock_are_never_mixed_up():
    product = PRODUCT.fold(change_product(a_product(units=10), {}, changing({"price": eur(7)})), a_product(units=10))

    assert product is not None
    assert (product.price, product.units) == (eur(7), 10)


def test_description_and_price_changed_together_are_one_edit():
    events = change_product(a_product(), {}, changing({"name": "Green tea", "price": eur(595)}))
    product = PRODUCT.fold(events, a_product())

    assert [type(event) for event in events] == [ProductChanged, PriceChanged]
    assert product is not None
    assert (product.version, product.name, product.price) == (2, "Green tea", eur(595))


def test_a_new_price_alone_is_an_edit_too():
    events = change_product(a_product(), {}, changing({"price": eur(595)}))

    assert events == [PriceChanged(product_id=TEA, price=eur(595), same_edit=False)]
    assert PRODUCT.fold(events, a_product()).version == 2


@pytest.mark.parametrize("changes", [{}, {"name": "Tea"}, {"price": eur(495)}, {"category_id": DRINKS}])
def test_an_edit_that_changes_nothing_is_not_recorded(changes):
    assert change_product(a_product(), {}, changing(changes)) == []


def test_a_product_moves_between_categories_in_one_decision():
    command = changing({"category_id": DISHES})

    events = change_product(a_product(), BOTH, command)

    assert set(categories_of_change(a_product(), command)) == {DRINKS, DISHES}
    assert [type(event) for event in events] == [ProductChanged, ProductDelisted, ProductListed]
    assert (events[1].category_id, events[2].category_id) == (DRINKS, DISHES)


def test_an_edit_that_moves_nothing_reads_no_category():
    assert categories_of_change(a_product(), changing({"name": "Cup"})) == ()
    assert categories_of_change(a_product(), changing({"category_id": DRINKS})) == ()
    assert categories_of_change(None, changing({"category_id": DRINKS})) == ()


def test_a_product_cannot_move_to_a_category_that_is_not_there():
    with pytest.raises(InvalidRequest) as refusal:
        change_product(a_product(), {DRINKS: a_category(), DISHES: None}, changing({"category_id": DISHES}))

    assert list(refusal.value.errors) == ["category_id"]


def test_stock_is_corrected_down_to_zero_and_not_below():
    events = adjust_stock(a_product(units=10), AdjustStock(product_id=TEA, change=-10, reason="broken"))

    assert events == [StockAdjusted(product_id=TEA, change=-10, reason="broken")]
    with pytest.raises(StockBelowZero):
        adjust_stock(a_product(units=10), AdjustStock(product_id=TEA, change=-11, reason="broken"))


def test_stock_has_an_upper_bound():
    with pytest.raises(InvalidRequest):
        adjust_stock(a_product(units=10), AdjustStock(product_id=TEA, change=MOST_UNITS, reason="typo"))


def test_a_correction_by_nothing_is_not_recorded():
    assert adjust_stock(a_product(), AdjustStock(product_id=TEA, change=0, reason="counted")) == []


def test_a_withdrawn_product_leaves_its_category_and_keeps_its_units():
    events = withdraw_product(a_product(units=10), WithdrawProduct(product_id=TEA))
    product = PRODUCT.fold(events, a_product(units=10))

    assert events == [ProductWithdrawn(product_id=TEA), ProductDelisted(category_id=DRINKS, product_id=TEA)]
    assert product is not None
    assert (product.on_sale, product.units, product.version) == (False, 10, 2)


EDITS = [
    lambda product, version: change_product(product, {}, changing({"name": "X"}, if_match=version)),
    lambda product, version: adjust_stock(
        product, AdjustStock(product_id=TEA, change=1, reason="found", if_match=version)
    ),
    lambda product, version: withdraw_product(product, WithdrawProduct(product_id=TEA, if_match=version)),
]


@pytest.mark.parametrize("edit", EDITS)
def test_edits_need_the_product_on_sale(edit):
    withdrawn = PRODUCT.fold([ProductWithdrawn(product_id=TEA)], a_product())

    for product in (None, withdrawn):
        with pytest.raises(UnknownProduct):
            edit(product, None)


@pytest.mark.parametrize("edit", EDITS)
def test_edits_made_on_another_version_are_refused(edit):
    with pytest.raises(EditConflict):
        edit(a_product(), 2)

    assert edit(a_product(), 1)


def test_events_of_other_streams_change_nothing():
    elsewhere = [OrderShipped(order_id=ORDER)]

    assert PRODUCT.fold(elsewhere, a_product()) == a_product()
    assert CATEGORY.fold(elsewhere, a_category()) == a_category()
    assert PRODUCT.fold(elsewhere) is None
    assert CATEGORY.fold(elsewhere) is None
