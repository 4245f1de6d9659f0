"""The back office has words, not names of code, for everything that services can tell of their things."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from accounting_svc.domain import Book
from backoffice_web.state_words import PARTS
from customer_svc.domain import Customer
from order_svc.domain import Order
from product_svc.domain import Category, Product
from product_svc.reserving import OrderStock
from shop.contracts.money import Money

STATES = (Customer, Category, Product, OrderStock, Order, Book)


def names_in(kind: Any) -> Iterator[str]:
    """The names of all fields of a state, and of what is in it. An amount is one value."""
    if get_origin(kind) in (UnionType, tuple, Mapping, Sequence) or get_args(kind):
        for part in get_args(kind):
            yield from names_in(part)
    elif is_dataclass(kind) and kind is not Money:
        hints = get_type_hints(kind)
        for field in fields(kind):
            yield field.name
            yield from names_in(hints[field.name])


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_field_of_a_state_has_a_name_in_words(state):
    assert set(names_in(state)) - PARTS.keys() == set()
