"""The states that each command reads, and its commit by the rules."""

from product_svc import domain
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
from shop.contracts.commits import Commit
from shop.contracts.decisions import DecisionContext
from shop.contracts.events import ProductDelisted


def add_category(command: AddCategory, context: DecisionContext) -> Commit | None:
    category = context.load(CATEGORY, command.category_id)
    return context.commit(domain.add_category(category, command), once=context.command_id)


def rename_category(command: RenameCategory, context: DecisionContext) -> Commit | None:
    category = context.load(CATEGORY, command.category_id)
    return context.commit(domain.rename_category(category, command), once=context.command_id)


def remove_category(command: RemoveCategory, context: DecisionContext) -> Commit | None:
    category = context.load(CATEGORY, command.category_id)
    return context.commit(domain.remove_category(category, command), once=context.command_id)


def add_product(command: AddProduct, context: DecisionContext) -> Commit | None:
    product = context.load(PRODUCT, command.product_id)
    category = context.load(CATEGORY, command.category_id)
    return context.commit(domain.add_product(product, category, command), once=context.command_id)


def change_product(command: ChangeProduct, context: DecisionContext) -> Commit | None:
    product = context.load(PRODUCT, command.product_id)
    categories = context.load_many(CATEGORY, domain.categories_of_change(product, command))
    return context.commit(domain.change_product(product, categories, command), once=context.command_id)


def adjust_stock(command: AdjustStock, context: DecisionContext) -> Commit | None:
    product = context.load(PRODUCT, command.product_id)
    return context.commit(domain.adjust_stock(product, command), once=context.command_id)


def withdraw_product(command: WithdrawProduct, context: DecisionContext) -> Commit | None:
    product = context.load(PRODUCT, command.product_id)
    events = domain.withdraw_product(product, command)
    context.load_many(CATEGORY, [event.category_id for event in events if isinstance(event, ProductDelisted)])
    return context.commit(events, once=context.command_id)
