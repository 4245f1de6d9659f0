"""What can be asked of the catalogue."""

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
    """A shelf is put up."""

    category_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class RenameCategory:
    """A shelf gets another name."""

    category_id: UUID
    name: str
    if_match: int | None = None


@dataclass(frozen=True, kw_only=True)
class RemoveCategory:
    """An empty shelf is taken down."""

    category_id: UUID
    if_match: int | None = None


@dataclass(frozen=True, kw_only=True)
class AddProduct:
    """A product goes on sale."""

    product_id: UUID
    name: str
    description: str
    supplier: str
    category_id: UUID
    price: Money
    units_in_stock: int


@dataclass(frozen=True, kw_only=True)
class ChangeProduct:
    """A product is described or priced anew, or moved to another category."""

    product_id: UUID
    changes: ProductChanges
    if_match: int | None = None


@dataclass(frozen=True, kw_only=True)
class AdjustStock:
    """Units were delivered (positive), or are missing, broken, sent back (negative)."""

    product_id: UUID
    change: int
    reason: str
    if_match: int | None = None


@dataclass(frozen=True, kw_only=True)
class WithdrawProduct:
    """A product goes off sale."""

    product_id: UUID
    if_match: int | None = None
