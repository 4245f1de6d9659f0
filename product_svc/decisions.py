"""What each command reads before its rules decide, and the commit that comes of it."""

from uuid import UUID

from product_svc import domain, stock
from product_svc.commands import (
    AddCategory,
    AddProduct,
    AdjustStock,
    ChangeProduct,
    RemoveCategory,
    RenameCategory,
    WithdrawProduct,
)
from product_svc.domain import CATEGORY, PRODUCT
from product_svc.stock import STOCK, ReserveStock
from shop.contracts.commits import Commit
from shop.contracts.events import OrderPlaced, ProductDelisted, Units
from shop.event_sourcing.decision_context import Work


def add_category(command: AddCategory, work: Work) -> Commit | None:
    category = work.load(CATEGORY, command.category_id)
    return work.commit(domain.add_category(category, command), once=work.command_id)


def rename_category(command: RenameCategory, work: Work) -> Commit | None:
    category = work.load(CATEGORY, command.category_id)
    return work.commit(domain.rename_category(category, command), once=work.command_id)


def remove_category(command: RemoveCategory, work: Work) -> Commit | None:
    category = work.load(CATEGORY, command.category_id)
    return work.commit(domain.remove_category(category, command), once=work.command_id)


def add_product(command: AddProduct, work: Work) -> Commit | None:
    product = work.load(PRODUCT, command.product_id)
    category = work.load(CATEGORY, command.category_id)
    return work.commit(domain.add_product(product, category, command), once=work.command_id)


def change_product(command: ChangeProduct, work: Work) -> Commit | None:
    product = work.load(PRODUCT, command.product_id)
    categories = work.load_many(CATEGORY, domain.categories_of_change(product, command))
    return work.commit(domain.change_product(product, categories, command), once=work.command_id)


def adjust_stock(command: AdjustStock, work: Work) -> Commit | None:
    product = work.load(PRODUCT, command.product_id)
    return work.commit(domain.adjust_stock(product, command), once=work.command_id)


def withdraw_product(command: WithdrawProduct, work: Work) -> Commit | None:
    product = work.load(PRODUCT, command.product_id)
    events = domain.withdraw_product(product, command)
    work.load_many(CATEGORY, [event.category_id for event in events if isinstance(event, ProductDelisted)])
    return work.commit(events, once=work.command_id)


def reserve_stock(placed: OrderPlaced, work: Work) -> Commit | None:
    """One answer per order: `stock:<order id>`."""
    lines = tuple(Units(product_id=line.product_id, quantity=line.quantity) for line in placed.lines)
    products = work.load_many(PRODUCT, {line.product_id for line in lines})
    held = work.load_new(STOCK, placed.order_id)
    events = stock.reserve_stock(held, products, ReserveStock(order_id=placed.order_id, lines=lines))
    return work.commit(events, once=f"stock:{placed.order_id}")


def release_stock(order_id: UUID, work: Work) -> Commit | None:
    """What the order holds goes back once: `stock-release:<order id>`."""
    held = work.load(STOCK, order_id)
    if held is not None:
        work.load_many(PRODUCT, {units.product_id for units in held.held})
    return work.commit(stock.release_stock(held, order_id), once=f"stock-release:{order_id}")
