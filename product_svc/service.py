"""The Nameko service `products`."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from uuid import UUID, uuid4, uuid5

from product_svc import decisions, reserving
from product_svc.audit import ExpectedProducts
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
from product_svc.schemas import (
    QUOTE_FIELDS,
    CategoryFields,
    NewProductFields,
    ProductFields,
    StockFields,
    id_of,
    query_of,
)
from product_svc.store import SqlProducts, category_wire, product_wire
from shop.audit import auditing
from shop.audit.units import StockNeverNegative, UnitsConserved
from shop.contracts import names
from shop.contracts.actors import Actor, require_manager
from shop.contracts.commits import RecordedEvent
from shop.contracts.decisions import Decide
from shop.contracts.errors import NotFound, UnknownCategory, UnknownProduct
from shop.contracts.events import (
    CategoryAdded,
    CategoryRemoved,
    CategoryRenamed,
    PriceChanged,
    ProductAdded,
    ProductChanged,
    ProductWithdrawn,
    StockAdjusted,
    UnitsReleased,
    UnitsReserved,
)
from shop.contracts.views import CategoryView, Listed, MoneyView, ProductView, Quote
from shop.contracts.wire import Wire
from shop.event_sourcing import operations, time_travel
from shop.event_sourcing.log import Done, EventLog, Log
from shop.event_sourcing.subscription import projects
from shop.messaging.rpc import rpc
from shop.read_models.sql import SqlReadModel
from shop.read_models.stores import ReadModelStore
from shop.service.identity import CallingActor
from shop.service.pagination import cursor_of
from shop.service.settings import Settings, ShopSettings
from shop.service.validation import check, checked_key, require_currency

V = TypeVar("V")

CATALOGUE_IDS = UUID("0e7a3a1c-6a8e-4a0d-9f0a-2f4b8a1d9c55")
"""The namespace of ids that are made of an Idempotency-Key, so that a repeated request means the same thing."""


class ProductsService(reserving.StockReservations, operations.Operations, time_travel.TimeTravel, auditing.Audited):
    """The catalogue and the stock."""

    name = names.Service.PRODUCTS.value

    actor: Actor = CallingActor()
    log: Log = EventLog()
    store: SqlProducts = ReadModelStore(SqlReadModel(SqlProducts))
    settings: Settings = ShopSettings()
    deciders = {"category": CATEGORY, "product": PRODUCT, "stock": reserving.STOCK}
    audits = auditing.Auditing(StockNeverNegative, UnitsConserved, expected=ExpectedProducts)

    # Categories

    @rpc
    def list_categories(self) -> list[CategoryView]:
        """All categories by name: `{id, name, products, version}`, where products is the number on sale."""
        return self.store.categories()

    @rpc
    def get_category(self, category_id: str) -> CategoryView:
        """Raises: UnknownCategory."""
        return self._found(self.store.category, id_of(category_id, UnknownCategory), UnknownCategory)

    @rpc
    def add_category(self, name: str, key: str | None = None) -> CategoryView:
        """Add a category. Managers only."""
        require_manager(self.actor)
        values = check(CategoryFields(), {"name": name})
        command = AddCategory(category_id=self._new_id("add_category", key), **values)
        done = self._execute(partial(decisions.add_category, command), "add_category", key, values)
        return _category(done, command.category_id)

    @rpc
    def rename_category(
        self, category_id: str, name: str, key: str | None = None, if_match: int | None = None
    ) -> CategoryView:
        """Managers only. Raises: UnknownCategory, EditConflict."""
        require_manager(self.actor)
        values = check(CategoryFields(), {"name": name})
        command = RenameCategory(category_id=id_of(category_id, UnknownCategory), if_match=if_match, **values)
        request = values | {"category_id": category_id}
        done = self._execute(partial(decisions.rename_category, command), "rename_category", key, request)
        return _category(done, command.category_id)

    @rpc
    def remove_category(self, category_id: str, key: str | None = None, if_match: int | None = None) -> None:
        """Managers only. Raises: UnknownCategory, EditConflict, CategoryInUse."""
        require_manager(self.actor)
        command = RemoveCategory(category_id=id_of(category_id, UnknownCategory), if_match=if_match)
        request = {"category_id": category_id}
        self._execute(partial(decisions.remove_category, command), "remove_category", key, request)

    # Products

    @rpc
    def list_products(
        self,
        category: str | None = None,
        *,
        q: str | None = None,
        in_stock: bool = False,
        sort: str = "name",
        limit: int = 20,
        after: str | None = None,
    ) -> Listed[ProductView]:
        """Products on sale. `sort`: name, -name, price, -price; `q`: text in name, description or supplier."""
        asked = {"category": category, "q": q, "in_stock": in_stock, "sort": sort, "limit": limit, "after": after}
        items, last = self.store.page(query_of(asked))
        return {"items": items, "next": cursor_of(*last) if last else None}

    @rpc
    def get_product(self, product_id: str) -> ProductView:
        """One product on sale. Raises: UnknownProduct."""
        return self._found(self.store.product, id_of(product_id, UnknownProduct), UnknownProduct)

    @rpc
    def quote(self, product_ids: list[str]) -> dict[str, Quote]:
        """`{product_id: {name, price}}` at present; products that are not on sale are missing."""
        wanted = check(QUOTE_FIELDS, {"product_ids": product_ids})["product_ids"]
        found = self.store.prices(wanted)
        if len(found) < len(set(wanted)):
            self.log.catch_up()
            found = self.store.prices(wanted)
        return found

    @rpc
    def add_product(
        self,
        name: str,
        *,
        description: str,
        supplier: str,
        category_id: str,
        price: MoneyView,
        units_in_stock: int,
        key: str | None = None,
    ) -> ProductView:
        """Put a product on sale. Managers only. Raises: InvalidRequest, also for an unknown category."""
        require_manager(self.actor)
        request: Wire = {"name": name, "description": description, "supplier": supplier, "category_id": category_id}
        request |= {"price": price, "units_in_stock": units_in_stock}
        values = self._checked(NewProductFields(), request)
        command = AddProduct(product_id=self._new_id("add_product", key), **values)
        done = self._execute(partial(decisions.add_product, command), "add_product", key, request)
        return self._product(done, command.product_id)

    @rpc
    def edit_product(
        self, product_id: str, changes: Wire, key: str | None = None, if_match: int | None = None
    ) -> ProductView:
        """Change a product's fields except the stock. Managers only. Raises: UnknownProduct, EditConflict."""
        require_manager(self.actor)
        values: Any = self._checked(ProductFields(), changes, partial=True)
        command = ChangeProduct(product_id=id_of(product_id, UnknownProduct), changes=values, if_match=if_match)
        request = {"product_id": product_id, "changes": changes}
        done = self._execute(partial(decisions.change_product, command), "edit_product", key, request)
        return self._product(done, command.product_id)

    @rpc
    def adjust_stock(
        self, product_id: str, delta: int, reason: str, key: str | None = None, if_match: int | None = None
    ) -> ProductView:
        """Correct the stock by `delta` units. Managers only. Raises: UnknownProduct, EditConflict, StockBelowZero."""
        require_manager(self.actor)
        values = check(StockFields(), {"delta": delta, "reason": reason})
        command = AdjustStock(
            product_id=id_of(product_id, UnknownProduct),
            change=values["delta"],
            reason=values["reason"],
            if_match=if_match,
        )
        request = {"product_id": product_id, **values}
        done = self._execute(partial(decisions.adjust_stock, command), "adjust_stock", key, request)
        return self._product(done, command.product_id)

    @rpc
    def withdraw_product(self, product_id: str, key: str | None = None, if_match: int | None = None) -> None:
        """Take a product off sale. Managers only. Raises: UnknownProduct, EditConflict."""
        require_manager(self.actor)
        command = WithdrawProduct(product_id=id_of(product_id, UnknownProduct), if_match=if_match)
        request = {"product_id": product_id}
        self._execute(partial(decisions.withdraw_product, command), "withdraw_product", key, request)

    # The read model

    @projects(CategoryAdded, CategoryRenamed, CategoryRemoved)
    def show_category(self, recorded: RecordedEvent, rows: SqlProducts) -> None:
        rows.show_category(recorded)

    @projects(ProductAdded, ProductChanged, PriceChanged, StockAdjusted, UnitsReserved, UnitsReleased, ProductWithdrawn)
    def show_product(self, recorded: RecordedEvent, rows: SqlProducts) -> None:
        rows.show_product(recorded)

    # Private

    def _execute(self, decision: Decide, method: str, key: str | None, request: Wire) -> Done:
        return self.log.execute(decision, key=checked_key(key), method=method, request=request)

    def _new_id(self, method: str, key: str | None) -> UUID:
        """The id of a new resource: deterministic for the same key of the same manager."""
        return uuid4() if key is None else uuid5(CATALOGUE_IDS, f"{self.actor.username}\n{method}\n{key}")

    def _checked(self, schema: ProductFields, values: Wire, *, partial: bool | None = None) -> Wire:
        checked = check(schema, values, partial=partial)
        if "price" in checked:
            require_currency("price", checked["price"], self.settings.currency)
        return checked

    def _product(self, done: Done, product_id: UUID) -> ProductView:
        product = done.state(PRODUCT, product_id)
        if product is None:
            raise UnknownProduct(str(product_id))
        category = self.store.category(product.category_id)
        return product_wire(product, category["name"] if category else "")

    def _found(self, read: Callable[[UUID], V | None], key: UUID, missing: type[NotFound]) -> V:
        """The result of `read`, after the read model has caught up with the log if necessary."""
        found = read(key)
        if found is None:
            self.log.catch_up()
            found = read(key)
        if found is None:
            raise missing(str(key))
        return found


def _category(done: Done, category_id: UUID) -> CategoryView:
    category = done.state(CATEGORY, category_id)
    if category is None:
        raise UnknownCategory(str(category_id))
    return category_wire(category)
