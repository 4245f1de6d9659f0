"""The catalogue's read model in SQL: products on sale. Withdrawn products and removed categories have no rows."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Text,
    and_,
    bindparam,
    func,
    or_,
    select,
)

from product_svc.domain import Category, Product, evolve_category, evolve_product
from shop.contracts.commits import RecordedEvent
from shop.contracts.money import Money
from shop.contracts.views import CategoryView, ProductView, Quote
from shop.contracts.wire import Wire
from shop.read_models.sql import SqlRows, by_code_point
from shop.read_models.sql.statements import keep
from shop.text.matching import searched, sort_key, words_of

TEXTS = ("name", "description", "supplier")


class Sort(StrEnum):
    """Sort orders of products."""

    NAME = "name"
    NAME_DOWN = "-name"
    PRICE = "price"
    PRICE_DOWN = "-price"
    ADDED = "added"
    ADDED_DOWN = "-added"
    UNITS = "units"
    UNITS_DOWN = "-units"

    @property
    def column(self) -> str:
        key = self.removeprefix("-")
        return "name_key" if key == "name" else key

    @property
    def descends(self) -> bool:
        return self.startswith("-")


@dataclass(frozen=True, kw_only=True)
class ProductQuery:
    """A query for products.

    Args:
        q: words, each contained in the name, description or supplier (`shop.text.matching`).
        after: sort key and id of the previous page's last product.
    """

    category: UUID | None = None
    q: str = ""
    in_stock: bool = False
    sort: Sort = Sort.NAME
    limit: int = 20
    after: tuple[str | int, str] | None = None


class SqlProducts(SqlRows):
    """Categories, and products on sale."""

    schema_version = 3

    @classmethod
    def tables(cls, metadata: MetaData, prefix: str) -> dict[str, Table]:
        categories = Table(
            f"{prefix}categories",
            metadata,
            Column("category_id", String(36), primary_key=True),
            Column("name", Text, nullable=False),
            Column("version", Integer, nullable=False),
        )
        products = Table(
            f"{prefix}products",
            metadata,
            Column("product_id", String(36), primary_key=True),
            Column("name", Text, nullable=False),
            Column("description", Text, nullable=False),
            Column("supplier", Text, nullable=False),
            Column("category_id", String(36), nullable=False),
            Column("price", BigInteger, nullable=False),
            Column("currency", String(3), nullable=False),
            Column("units", BigInteger, nullable=False),
            Column("version", Integer, nullable=False),
            Column("added", BigInteger, nullable=False),  # position in the log
            Column("name_key", by_code_point(), nullable=False),
            Column("search", Text, nullable=False),
            Index(f"{prefix}products_by_name", "name_key", "product_id"),
            Index(f"{prefix}products_by_price", "price", "product_id"),
            Index(f"{prefix}products_by_added", "added", "product_id"),
            Index(f"{prefix}products_of_category_by_name", "category_id", "name_key", "product_id"),
            Index(f"{prefix}products_of_category_by_price", "category_id", "price", "product_id"),
            Index(f"{prefix}products_of_category_by_added", "category_id", "added", "product_id"),
        )
        return {"categories": categories, "products": products}

    # Projections

    def show_category(self, recorded: RecordedEvent) -> None:
        """Project the category's state after the event."""
        table, key = self.t["categories"], str(recorded.fields["category_id"])
        row = self.find(table, key)
        category = evolve_category(_category(row) if row else None, recorded.event)
        self._show(table, key, row, category_columns(category) if category else None)

    def show_product(self, recorded: RecordedEvent) -> None:
        """Project the product's state after the event."""
        table, key = self.t["products"], str(recorded.fields["product_id"])
        row = self.find(table, key)
        product = evolve_product(_product(row) if row else None, recorded.event)
        added = {} if row else {"added": recorded.position}
        self._show(table, key, row, product_columns(product, row) | added if product and product.on_sale else None)

    # Reading

    def categories(self) -> list[CategoryView]:
        """All categories by name, with their numbers of products."""
        found = [_shown_category(row) for row in self.execute(self._categories())]
        return sorted(found, key=lambda category: (sort_key(category["name"]), category["id"]))

    def category(self, category_id: UUID) -> CategoryView | None:
        wanted = self._categories().where(self.t["categories"].c.category_id == str(category_id))
        found = self.execute(wanted).first()
        return _shown_category(found) if found else None

    def product(self, product_id: UUID) -> ProductView | None:
        wanted = _product_of(self.t["products"], self.t["categories"])
        found = self.rows(wanted, {"of": str(product_id)})
        return _wire(found[0]._asdict()) if found else None

    def prices(self, product_ids: list[UUID]) -> dict[str, Quote]:
        """Name and price of the products that are on sale."""
        rows = self.rows(_prices(self.t["products"]), {"some": [str(key) for key in product_ids]})
        return {
            row.product_id: {"name": row.name, "price": {"amount": row.price, "currency": row.currency}} for row in rows
        }

    def page(self, query: ProductQuery) -> tuple[list[ProductView], tuple[str | int, str] | None]:
        """Products in the requested order, and the key of the next page; None at the end."""
        rows = [row._asdict() for row in self.execute(self._page(query))]
        if len(rows) <= query.limit:
            return [_wire(row) for row in rows], None
        last = rows[query.limit - 1]
        return [_wire(row) for row in rows[: query.limit]], (last[query.sort.column], last["product_id"])

    # Private

    def _categories(self) -> Select[Any]:
        categories, products = self.t["categories"], self.t["products"]
        of_category = products.c.category_id == categories.c.category_id
        count = select(func.count()).select_from(products).where(of_category).scalar_subquery()
        key = categories.c.category_id.label("id")
        return select(key, categories.c.name, count.label("products"), categories.c.version)

    def _page(self, query: ProductQuery) -> Select[Any]:
        products = self.t["products"]
        key, product_id = products.c[query.sort.column], products.c.product_id
        wanted = _products(products, self.t["categories"]).limit(query.limit + 1)
        if query.category is not None:
            wanted = wanted.where(products.c.category_id == str(query.category))
        if query.in_stock:
            wanted = wanted.where(products.c.units > 0)
        for word in words_of(query.q):
            wanted = wanted.where(products.c.search.contains(word, autoescape=True))
        if query.after is not None:
            wanted = wanted.where(_beyond(key, product_id, query))
        order = (key.desc(), product_id.desc()) if query.sort.descends else (key, product_id)
        return wanted.order_by(*order)

    def _show(self, table: Table, key: str, before: Wire | None, after: Wire | None) -> None:
        """Change a row from `before` to `after`; None is no row. Unchanged columns keep their index entries."""
        (primary,) = table.primary_key
        if before is None:
            if after is not None:
                self.insert(table, {primary.name: key} | after)
        elif after is None:
            self.delete(table, key)
        elif changed := {name: value for name, value in after.items() if before[name] != value}:
            self.update(table, key, changed)


@keep
def _products(products: Table, categories: Table) -> Select[Any]:
    # An outer join makes SQLite begin with the products and their index.
    return select(products, categories.c.name.label("category")).join_from(
        products, categories, categories.c.category_id == products.c.category_id, isouter=True
    )


@keep
def _product_of(products: Table, categories: Table) -> Select[Any]:
    return _products(products, categories).where(products.c.product_id == bindparam("of"))


@keep
def _prices(products: Table) -> Select[Any]:
    columns = products.c.product_id, products.c.name, products.c.price, products.c.currency
    return select(*columns).where(products.c.product_id.in_(bindparam("some", expanding=True)))


def product_wire(product: Product, category: str) -> ProductView:
    """A product in the RPC form. `category`: the name of its category."""
    return {
        "id": str(product.product_id),
        "name": product.name,
        "description": product.description,
        "supplier": product.supplier,
        "category": {"id": str(product.category_id), "name": category},
        "price": product.price.dump(),
        "units_in_stock": product.units,
        "version": product.version,
    }


def category_wire(category: Category) -> CategoryView:
    """A category in the RPC form."""
    return {
        "id": str(category.category_id),
        "name": category.name,
        "products": category.products,
        "version": category.version,
    }


def _shown_category(row: Row[Any]) -> CategoryView:
    return {"id": row.id, "name": row.name, "products": row.products, "version": row.version}


def _beyond(key: Column[Any], product_id: Column[Any], query: ProductQuery) -> ColumnElement[bool]:
    """Products after the previous page's last one. The first term lets the index begin there."""
    last, last_id = query.after or ("", "")
    if query.sort.descends:
        return and_(key <= last, or_(key < last, product_id < last_id))
    return and_(key >= last, or_(key > last, product_id > last_id))


def _wire(row: Wire) -> ProductView:
    return product_wire(_product(row), row["category"] or "")


def _category(row: Wire) -> Category:
    return Category(category_id=UUID(row["category_id"]), name=row["name"], version=row["version"])


def category_columns(category: Category) -> Wire:
    return {"name": category.name, "version": category.version}


def _product(row: Wire) -> Product:
    return Product(
        product_id=UUID(row["product_id"]),
        name=row["name"],
        description=row["description"],
        supplier=row["supplier"],
        category_id=UUID(row["category_id"]),
        price=Money(row["price"], row["currency"]),
        units=row["units"],
        version=row["version"],
    )


def product_columns(product: Product, before: Wire | None = None) -> Wire:
    """The row of a product.

    Args:
        before: the present row. Unchanged texts are not folded again: most events are about units.
    """
    texts = {name: getattr(product, name) for name in TEXTS}
    same = before if before and all(before[name] == text for name, text in texts.items()) else None
    return texts | {
        "category_id": str(product.category_id),
        "price": product.price.amount,
        "currency": product.price.currency,
        "units": product.units,
        "version": product.version,
        "name_key": same["name_key"] if same else sort_key(product.name),
        "search": same["search"] if same else searched(*texts.values()),
    }
