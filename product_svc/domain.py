"""The rules of the catalogue: categories, and products with their units. Pure.

A category counts its products, and cannot be removed while it has any. Decisions that write to several streams do so in
one commit, on the states of all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from product_svc.commands import (
    AddCategory,
    AddProduct,
    AdjustStock,
    ChangeProduct,
    RemoveCategory,
    RenameCategory,
    WithdrawProduct,
)
from shop.contracts import names
from shop.contracts.deciders import Decider, require_version
from shop.contracts.errors import CategoryInUse, InvalidRequest, StockBelowZero, UnknownCategory, UnknownProduct
from shop.contracts.events import (
    CategoryAdded,
    CategoryRemoved,
    CategoryRenamed,
    Event,
    PriceChanged,
    ProductAdded,
    ProductChanged,
    ProductDelisted,
    ProductListed,
    ProductWithdrawn,
    StockAdjusted,
    UnitsReleased,
    UnitsReserved,
)
from shop.contracts.money import Money

MOST_UNITS = 1_000_000_000
"""Upper limit of a stock: it catches mistyped deliveries, and fits every database's integer."""


@dataclass(frozen=True, kw_only=True)
class Category:
    """A category. `products`: number of its products; `version`: edits so far, the addition included."""

    category_id: UUID
    name: str
    products: int = 0
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class Product:
    """A product, on sale or withdrawn.

    Attributes:
        units: in stock and not reserved by an order.
        on_sale: false once it is withdrawn; its units stay.
        version: edits so far, the addition included; orders do not count.
    """

    product_id: UUID
    name: str
    description: str
    supplier: str
    category_id: UUID
    price: Money
    units: int
    on_sale: bool = True
    version: int = 1


# Categories


def add_category(category: Category | None, command: AddCategory) -> list[Event]:
    if category is not None:
        return []
    return [CategoryAdded(category_id=command.category_id, name=command.name)]


def rename_category(category: Category | None, command: RenameCategory) -> list[Event]:
    """Raises: UnknownCategory, EditConflict."""
    found = _existing(category, command.category_id)
    require_version(found.version, command.if_match)
    if command.name == found.name:
        return []
    return [CategoryRenamed(category_id=found.category_id, name=command.name)]


def remove_category(category: Category | None, command: RemoveCategory) -> list[Event]:
    """Raises: UnknownCategory, EditConflict, CategoryInUse."""
    found = _existing(category, command.category_id)
    require_version(found.version, command.if_match)
    if found.products:
        raise CategoryInUse(found.name)
    return [CategoryRemoved(category_id=found.category_id)]


def evolve_category(category: Category | None, event: Event) -> Category | None:
    if isinstance(event, CategoryAdded):
        return Category(category_id=event.category_id, name=event.name)
    return None if category is None else _category_after(category, event)


def _category_after(category: Category, event: Event) -> Category | None:
    match event:
        case CategoryRenamed(name=name):
            return replace(category, name=name, version=category.version + 1)
        case ProductListed():
            return replace(category, products=category.products + 1)
        case ProductDelisted():
            return replace(category, products=category.products - 1)
        case CategoryRemoved():
            return None
        case _:
            return category


def _existing(category: Category | None, category_id: UUID) -> Category:
    if category is None:
        raise UnknownCategory(str(category_id))
    return category


# Products


def add_product(product: Product | None, category: Category | None, command: AddProduct) -> list[Event]:
    """Raises: InvalidRequest, for an unknown category."""
    if product is not None:
        return []
    _require_category(category)
    product_id, category_id = command.product_id, command.category_id
    added = ProductAdded(
        product_id=product_id,
        name=command.name,
        description=command.description,
        supplier=command.supplier,
        category_id=category_id,
        price=command.price,
        units_in_stock=command.units_in_stock,
    )
    return [added, ProductListed(category_id=category_id, product_id=product_id)]


def categories_of_change(product: Product | None, command: ChangeProduct) -> Sequence[UUID]:
    """Categories whose states the change needs: the former and the new one, if it moves the product."""
    entered = command.changes.get("category_id")
    if product is None or entered is None or entered == product.category_id:
        return ()
    return product.category_id, entered


def change_product(
    product: Product | None, categories: Mapping[UUID, Category | None], command: ChangeProduct
) -> list[Event]:
    """An edit's events; description and price count as one edit.

    Args:
        categories: the states of `categories_of_change`.

    Raises:
        UnknownProduct: the product does not exist, or is no longer on sale.
        InvalidRequest: the new category does not exist.
        EditConflict: the edit was made on another version.
    """
    found = _on_sale(product, command.product_id)
    require_version(found.version, command.if_match)
    changed = replace(found, **command.changes)
    described = [] if replace(changed, price=found.price) == found else [_description(changed)]
    repriced = PriceChanged(product_id=found.product_id, price=changed.price, same_edit=bool(described))
    events: list[Event] = [*described]
    if changed.price != found.price:
        events.append(repriced)
    return [*events, *_move(found, changed, categories)]


def adjust_stock(product: Product | None, command: AdjustStock) -> list[Event]:
    """Raises: UnknownProduct, EditConflict, StockBelowZero, InvalidRequest (more than MOST_UNITS)."""
    found = _on_sale(product, command.product_id)
    require_version(found.version, command.if_match)
    if found.units + command.change < 0:
        raise StockBelowZero(f"{found.units} in stock")
    if found.units + command.change > MOST_UNITS:
        raise InvalidRequest({"delta": [f"Stock must not exceed {MOST_UNITS:,} units."]})
    if not command.change:
        return []
    return [StockAdjusted(product_id=found.product_id, change=command.change, reason=command.reason)]


def withdraw_product(product: Product | None, command: WithdrawProduct) -> list[Event]:
    """Raises: UnknownProduct, EditConflict."""
    found = _on_sale(product, command.product_id)
    require_version(found.version, command.if_match)
    delisted = ProductDelisted(category_id=found.category_id, product_id=found.product_id)
    return [ProductWithdrawn(product_id=found.product_id), delisted]


def evolve_product(product: Product | None, event: Event) -> Product | None:
    if isinstance(event, ProductAdded):
        return Product(
            product_id=event.product_id,
            name=event.name,
            description=event.description,
            supplier=event.supplier,
            category_id=event.category_id,
            price=event.price,
            units=event.units_in_stock,
        )
    return None if product is None else _product_after(product, event)


def _product_after(product: Product, event: Event) -> Product:
    match event:
        case UnitsReserved(quantity=quantity):
            return replace(product, units=product.units - quantity)
        case UnitsReleased(quantity=quantity):
            return replace(product, units=product.units + quantity)
        case StockAdjusted(change=change):
            return replace(product, units=product.units + change, version=product.version + 1)
        case PriceChanged(price=price, same_edit=same_edit):
            return replace(product, price=price, version=product.version + (0 if same_edit else 1))
        case ProductChanged():
            return replace(
                product,
                name=event.name,
                description=event.description,
                supplier=event.supplier,
                category_id=event.category_id,
                version=product.version + 1,
            )
        case ProductWithdrawn():
            return replace(product, on_sale=False, version=product.version + 1)
        case _:
            return product


def _description(product: Product) -> Event:
    return ProductChanged(
        product_id=product.product_id,
        name=product.name,
        description=product.description,
        supplier=product.supplier,
        category_id=product.category_id,
    )


def _move(before: Product, after: Product, categories: Mapping[UUID, Category | None]) -> Sequence[Event]:
    if after.category_id == before.category_id:
        return ()
    _require_category(categories[after.category_id])
    return (
        ProductDelisted(category_id=before.category_id, product_id=before.product_id),
        ProductListed(category_id=after.category_id, product_id=after.product_id),
    )


def _on_sale(product: Product | None, product_id: UUID) -> Product:
    if product is None or not product.on_sale:
        raise UnknownProduct(str(product_id))
    return product


def _require_category(category: Category | None) -> None:
    if category is None:
        raise InvalidRequest({"category_id": ["Category not found."]})


CATEGORY: Decider[Category | None] = Decider(names.category_stream, None, evolve_category)
PRODUCT: Decider[Product | None] = Decider(names.product_stream, None, evolve_product)
