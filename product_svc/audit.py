"""The expected read model of the catalogue, by the rules of the catalogue."""

from collections.abc import Mapping

from product_svc.domain import CATEGORY, PRODUCT, Category, Product
from product_svc.store import category_columns, product_columns
from shop.audit.rows import Keyed
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import Event


class ExpectedProducts:
    """Products on sale, and the categories."""

    def __init__(self) -> None:
        self._categories: dict[str, Category | None] = {}
        self._products: dict[str, Product | None] = {}
        self._added: dict[str, int] = {}

    def add(self, recorded: RecordedEvent, event: Event) -> None:
        kind, _, key = recorded.stream.partition("-")
        if kind == "category":
            self._categories[key] = CATEGORY.evolve(self._categories.get(key), event)
        elif kind == "product":
            self._products[key] = PRODUCT.evolve(self._products.get(key), event)
            self._added.setdefault(key, recorded.position)

    def tables(self) -> Mapping[str, Keyed]:
        categories = {key: category_columns(one) for key, one in self._categories.items() if one}
        on_sale = {key: product for key, product in self._products.items() if product and product.on_sale}
        products = {key: product_columns(one) | {"added": self._added[key]} for key, one in on_sale.items()}
        return {"categories": categories, "products": products}
