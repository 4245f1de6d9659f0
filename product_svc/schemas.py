"""Schemas of the products service's arguments."""

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from product_svc.store import ProductQuery, Sort
from shop.contracts.errors import InvalidRequest, NotFound
from shop.service.pagination import key_of
from shop.service.validation import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    LONGEST_REASON,
    MOST_UNITS,
    Id,
    MoneyWire,
    Text,
    WholeNumber,
    check,
)


class CategoryFields(Schema):
    """A category's fields."""

    name = Text(LONGEST_NAME, required=True)


class ProductFields(Schema):
    """A product's fields. Every field may change later."""

    name = Text(LONGEST_NAME, required=True)
    description = Text(LONGEST_DESCRIPTION, required=True, multiline=True, blank=True)
    supplier = Text(LONGEST_NAME, required=True)
    category_id = Id(required=True)
    price = MoneyWire(required=True)


class NewProductFields(ProductFields):
    """A product with its initial stock."""

    units_in_stock = WholeNumber(0, MOST_UNITS, required=True)


class StockFields(Schema):
    """A correction of the stock: units delivered, or (negative) missing."""

    delta = WholeNumber(-MOST_UNITS, MOST_UNITS, required=True)
    reason = Text(LONGEST_REASON, required=True)


class ProductsQuery(Schema):
    """A query for products. `after` is the cursor from the previous page."""

    category = Id(allow_none=True)
    q = Text(100, blank=True, allow_none=True)
    in_stock = fields.Boolean(truthy={True}, falsy={False})
    sort = fields.Enum(Sort, by_value=True)
    limit = WholeNumber(1, 100)
    after = fields.String(allow_none=True)


class QuoteFields(Schema):
    """The products whose prices an order needs."""

    product_ids = fields.List(Id(), required=True)


QUOTE_FIELDS = QuoteFields()
"""A shared instance: creating one takes longer than checking some ids."""


def query_of(asked: dict[str, Any]) -> ProductQuery:
    """The query for products. Raises: InvalidRequest."""
    values = check(ProductsQuery(), asked)
    sort = values["sort"]
    key = key_of(values["after"], str if sort.column == "name_key" else int, str)
    return ProductQuery(
        category=values["category"],
        q=values["q"] or "",
        in_stock=values["in_stock"],
        sort=sort,
        limit=values["limit"],
        after=(key[0], key[1]) if key else None,
    )


def id_of(text: str, missing: type[NotFound]) -> UUID:
    """An id from an address. Raises: `missing`, for a form that no id has."""
    try:
        id_: UUID = check(_Address(), {"id": text})["id"]
    except InvalidRequest:
        raise missing from None
    return id_


class _Address(Schema):
    id = Id(required=True)
