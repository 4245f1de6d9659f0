"""The cart: quantities by product in the visitor's cookies, independent of the login."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from shop.http.client import Json, Problem
from shop.web import calls
from storefront_web import cart_cookies

MOST_LINES, MOST_OF_ONE = 50, 1_000
"""The gateway's limits of an order."""


class CartFull(Exception):
    """The cart has as many products as one order can have."""


@dataclass(frozen=True)
class CartLine:
    """A product in the cart, with its present price and stock."""

    product: Json
    quantity: int

    @property
    def total(self) -> Json:
        price = self.product["price"]
        return {**price, "amount": str(Decimal(price["amount"]) * self.quantity)}

    @property
    def is_short(self) -> bool:
        return int(self.product["units_in_stock"]) < self.quantity


def quantities() -> dict[str, int]:
    """Quantities by product id, in the order of their addition."""
    return {product_id: line.quantity for product_id, line in cart_cookies.lines().items()}


def size() -> int:
    """Number of units in the cart."""
    return sum(quantities().values())


def add(product_id: str, quantity: int) -> int:
    """Add units of a product. Returns: its new quantity. Raises: CartFull."""
    wanted = quantities()
    if product_id not in wanted and len(wanted) >= MOST_LINES:
        raise CartFull
    units = min(wanted.get(product_id, 0) + quantity, MOST_OF_ONE)
    cart_cookies.put(product_id, units)
    return units


def change(wanted: Mapping[str, int]) -> None:
    """Set the quantities of these products, and leave all others; 0 removes a product."""
    for product_id, quantity in wanted.items():
        cart_cookies.put(product_id, quantity)


def take_out(ordered: Mapping[str, int]) -> None:
    """Remove an order's quantities; units added since stay."""
    there = quantities()
    change({product_id: there[product_id] - units for product_id, units in ordered.items() if product_id in there})


def empty() -> bool:
    """Remove everything. Returns: whether the cart had products."""
    there = quantities()
    change(dict.fromkeys(there, 0))
    return bool(there)


def lines_of(wanted: Mapping[str, int]) -> tuple[list[CartLine], list[str]]:
    """The lines with present prices, and the ids of products that are no longer on sale.

    Raises:
        Problem, GatewayUnavailable.
    """
    lines, gone = [], []
    for product_id, quantity in wanted.items():
        product = _product(product_id)
        if product is None:
            gone.append(product_id)
        else:
            lines.append(CartLine(product, quantity))
    return lines, gone


def total_of(lines: list[CartLine]) -> Json | None:
    """The sum of the lines; None without lines."""
    if not lines:
        return None
    amount = sum((Decimal(line.total["amount"]) for line in lines), start=Decimal(0))
    return {"amount": str(amount), "currency": lines[0].product["price"]["currency"]}


def _product(product_id: str) -> Json | None:
    try:
        product: Json = calls.read(f"/v1/products/{product_id}")
    except Problem as problem:
        if problem.status == 404:
            return None
        raise
    return product
