"""Commands of the catalogue."""

from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from shop.contracts.money import Money


class ProductChanges(TypedDict, total=False):
    """The parts of a product that change."""

    name: str
    description: str
    supplier: str
    category_id: UUID
    price: Money


@dataclass(frozen=True, kw_only=True)
class AddCategory:
    """Add a category."""

    category_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class RenameCategory:
    """Rename a category."""

    category_id: UUID
    name: str
    if_match: int | None = None


@dataclass(frozen=True, kw_only=True)
class RemoveCategory:
    """Remove an empty category."""

    category_id: UUID
    if_match: int | None = None


@dataclass(frozen=True, kw_only=True)
class AddProduct:
    """Put a product on sale."""

    product_id: UUID
    name: str
    description: str
    supplier: str
    category_id: UUID
    price: Money
    units_in_stock: int


@dataclass(frozen=True, kw_only=True)
class ChangeProduct:
    """Change a product's description, price or category."""

    product_id: UUID
    changes: ProductChanges
    if_match: int | None = None


@dataclass(frozen=True, kw_only=True)
class AdjustStock:
    """Correct the stock: units delivered (positive), or missing, broken, sent back (negative)."""

    product_id: UUID
    change: int
    reason: str
    if_match: int | None = None


@dataclass(frozen=True, kw_only=True)
class WithdrawProduct:
    """Take a product off sale."""

    product_id: UUID
    if_match: int | None = None
