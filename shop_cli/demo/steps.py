"""The demo shop as commits: the catalogue, the customers, the first manager."""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from importlib import resources
from typing import Any
from uuid import UUID, uuid5

from customer_svc.credentials import Passwords
from customer_svc.decisions import register
from customer_svc.domain import CUSTOMER, ChangeProfile, Profile, RegisterCustomer, decide
from product_svc.commands import AddCategory, AddProduct
from product_svc.decisions import add_category, add_product
from shop.contracts.commits import Commit
from shop.contracts.decisions import Decide, DecisionContext
from shop.contracts.events import PasswordSet, Role
from shop.contracts.money import Money
from shop.contracts.names import FIRST_MANAGER, Service
from shop.event_sourcing.event_store import EventStoreClient
from shop.service.settings import Settings
from shop_cli.banner import Account
from shop_cli.demo.accounts import CUSTOMER_PASSWORD, CUSTOMERS, MANAGER, MANAGER_PASSWORD, DemoCustomer
from shop_cli.first_manager import Login
from shop_cli.seeding import SeedStep

IDS = UUID("0b7f6c1e-52d4-4d0e-9c3e-6a1f7f1f9d55")
"""Namespace of the demo's UUIDs (version 5, made of names): the same in every demo shop."""

Hash = Callable[[str], str]


def first_steps(settings: Settings, *, demo: bool, manager: Login | None) -> Sequence[SeedStep]:
    """The commits that fill a new log. `manager`: the first manager, instead of the demo's own."""
    if not demo and manager is None:
        return ()
    hash_of = Passwords().hash
    if demo:
        return demo_steps(settings, hash_of, manager)
    return [manager_step(settings, hash_of, manager)] if manager else ()


def demo_steps(settings: Settings, hash_of: Hash, manager: Login | None) -> Sequence[SeedStep]:
    """The whole demo shop, with this manager or its own. A customer with the manager's username is left out."""
    first = manager_step(settings, hash_of, manager) if manager else _demo_manager(settings, hash_of)
    taken = manager.username.casefold() if manager else MANAGER.username
    customers = [customer for customer in CUSTOMERS if customer.username != taken]
    return [*_catalogue(settings.currency), *_customers(customers, settings, cache(hash_of)), first]


def manager_step(settings: Settings, hash_of: Hash, manager: Login) -> SeedStep:
    """The first manager. It is the last step, so its presence in the log marks the seed as complete."""
    account = DemoCustomer(username=manager.username, full_name=manager.username, email="", credit=0)
    return replace(_manager(account, settings, partial(hash_of, manager.password)), needed=True)


def accounts(store: EventStoreClient, currency: str) -> Sequence[Account]:
    """Accounts of the demo that are in the log, and the first manager's, which exists without the demo, too."""
    found = store.find([FIRST_MANAGER, *map(_command_id, CUSTOMERS)])
    customers = [
        Account(
            customer.username, CUSTOMER_PASSWORD, f"customer, credit {Money(customer.credit, currency).text} {currency}"
        )
        for customer in CUSTOMERS
        if found[_command_id(customer)]
    ]
    first = found[FIRST_MANAGER]
    return [_account(first.events[0].fields), *customers] if first else customers


def _account(manager: dict[str, Any]) -> Account:
    is_demo = manager["full_name"] == MANAGER.full_name
    return Account(manager["username"], MANAGER_PASSWORD if is_demo else "(as you set it)", "manager")


def catalogue() -> Sequence[dict[str, Any]]:
    """The categories, each with its products; see catalogue.toml."""
    text = resources.files("shop_cli.demo").joinpath("catalogue.toml").read_text(encoding="utf-8")
    categories: Sequence[dict[str, Any]] = tomllib.loads(text)["category"]
    return categories


def _catalogue(currency: str) -> Iterator[SeedStep]:
    for category in catalogue():
        category_id = uuid5(IDS, f"category:{category['name']}")
        new = AddCategory(category_id=category_id, name=category["name"])
        yield SeedStep(f"demo:category:{category_id}", Service.PRODUCTS, partial(add_category, new))
        for product in category["product"]:
            added = _product(product, category_id, currency)
            yield SeedStep(f"demo:product:{added.product_id}", Service.PRODUCTS, partial(add_product, added))


def _product(product: dict[str, Any], category_id: UUID, currency: str) -> AddProduct:
    return AddProduct(
        product_id=uuid5(IDS, f"product:{product['name']}"),
        name=product["name"],
        description=product["description"],
        supplier=product["supplier"],
        category_id=category_id,
        price=Money(product["price"], currency),
        units_in_stock=product["stock"],
    )


def _command_id(customer: DemoCustomer) -> str:
    return f"demo:customer:{customer.username}"


def _demo_manager(settings: Settings, hash_of: Hash) -> SeedStep:
    return _manager(MANAGER, settings, partial(hash_of, MANAGER_PASSWORD))


def _manager(account: DemoCustomer, settings: Settings, password_hash: Callable[[], str]) -> SeedStep:
    return SeedStep(
        FIRST_MANAGER, Service.CUSTOMERS, _registration(account, Role.MANAGER, settings, cache(password_hash))
    )


def _customers(customers: Sequence[DemoCustomer], settings: Settings, hash_of: Hash) -> Iterator[SeedStep]:
    for customer in customers:
        registration = _registration(customer, Role.CUSTOMER, settings, partial(hash_of, CUSTOMER_PASSWORD))
        yield SeedStep(_command_id(customer), Service.CUSTOMERS, registration)


def _registration(account: DemoCustomer, role: Role, settings: Settings, password_hash: Callable[[], str]) -> Decide:
    command = RegisterCustomer(
        username=account.username,
        profile=Profile(full_name=account.full_name, email=account.email),
        credit=Money(account.credit, settings.currency),
        role=role,
    )

    def decide_registration(context: DecisionContext) -> Commit | None:
        password = PasswordSet(username=account.username, password_hash=password_hash())
        commit = register(command, password, context)
        return _with_address(commit, account) if commit and account.address else commit

    return decide_registration


def _with_address(commit: Commit, account: DemoCustomer) -> Commit:
    """Sets the address in the same commit: a stranger who took the username keeps their own address."""
    change = ChangeProfile(username=account.username, changes={"address": account.address})
    return replace(commit, events=(*commit.events, *decide(CUSTOMER.fold(commit.events), change)))
