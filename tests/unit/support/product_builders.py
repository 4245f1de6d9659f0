"""Products, categories and orders for tests: sensible in everything that a test does not name."""

from uuid import UUID

from product_svc.commands import AddCategory, AddProduct, ChangeProduct, ProductChanges
from product_svc.domain import CATEGORY, PRODUCT, Category, Product, add_category, add_product
from shop.contracts.events import OrderLine, OrderPlaced
from shop.contracts.money import Money

TEA, CUP, POT = UUID(int=1), UUID(int=2), UUID(int=3)
DRINKS, DISHES = UUID(int=101), UUID(int=102)
ORDER = UUID(int=201)


def eur(cents: int) -> Money:
    return Money(cents, "EUR")


def a_category(category_id: UUID = DRINKS, name: str = "Drinks", products: int = 0) -> Category:
    added = CATEGORY.fold(add_category(None, AddCategory(category_id=category_id, name=name)))
    assert added is not None
    return Category(category_id=added.category_id, name=added.name, products=products)


def adding(product_id: UUID = TEA, units: int = 10, category_id: UUID = DRINKS, name: str = "Tea") -> AddProduct:
    return AddProduct(
        product_id=product_id,
        name=name,
        description="From the hills.",
        supplier="Hill & Co",
        category_id=category_id,
        price=eur(495),
        units_in_stock=units,
    )


def a_product(product_id: UUID = TEA, units: int = 10, category_id: UUID = DRINKS, name: str = "Tea") -> Product:
    added = PRODUCT.fold(
        add_product(None, a_category(category_id), adding(product_id, units, category_id, name)),
    )
    assert added is not None
    return added


def changing(changes: ProductChanges, product_id: UUID = TEA, if_match: int | None = None) -> ChangeProduct:
    return ChangeProduct(product_id=product_id, changes=changes, if_match=if_match)


def reserving(*lines: tuple[UUID, int], order_id: UUID = ORDER) -> OrderPlaced:
    lines_of_order = tuple(
        OrderLine(product_id=product_id, name="", quantity=quantity, unit_price=Money(1, "EUR"))
        for product_id, quantity in lines
    )
    return OrderPlaced(order_id=order_id, customer="ann", lines=lines_of_order, total=Money(1, "EUR"), address=None)
