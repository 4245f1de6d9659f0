"""Matters that need attention: one source for every page that lists or counts them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shop.http.client import Json
from shop.web import calls
from shop.web.formats import number

LOW_STOCK = 5
"""Units; a stock of so many or fewer counts as low."""

SECONDS_UNTIL_STUCK = 60
SHOWN = 8
COUNTED = 100
"""Items counted of each kind; more are indicated without a number."""


@dataclass(frozen=True, kw_only=True)
class Concern:
    """Items of one kind that need attention.

    Args:
        items: the counted ones.
        has_more: there are more, which are not counted.
    """

    items: Sequence[Json]
    has_more: bool

    @property
    def shown(self) -> Sequence[Json]:
        return self.items[:SHOWN]

    @property
    def left_out(self) -> int:
        """Number of items counted, but not shown."""
        return len(self.items) - len(self.shown)


@dataclass(frozen=True, kw_only=True)
class Attention:
    """All matters that need attention.

    Args:
        stuck: orders that are overdue for a decision.
        letters: dead letters.
        low: products with low stock.
    """

    stuck: Concern
    letters: Concern
    low: Concern

    @property
    def count(self) -> int:
        return sum(len(concern.items) for concern in self._concerns)

    @property
    def number(self) -> str:
        """The count as text; with a plus if there are more."""
        return number(self.count) + ("+" if any(concern.has_more for concern in self._concerns) else "")

    @property
    def _concerns(self) -> Sequence[Concern]:
        return self.stuck, self.letters, self.low


def is_low_stock(units: int) -> bool:
    return units <= LOW_STOCK


def what_needs_attention(now: datetime) -> Attention:
    """Raises: Problem, GatewayUnavailable."""
    limit = (now - timedelta(seconds=SECONDS_UNTIL_STUCK)).isoformat()
    return Attention(
        stuck=_concern(calls.read("/v1/orders", status="placed", placed_before=limit, limit=COUNTED)),
        letters=_concern(calls.read("/v1/dead-letters", limit=COUNTED)),
        low=_scarce(calls.read("/v1/products", sort="units", limit=COUNTED)),
    )


def _concern(page: Json) -> Concern:
    return Concern(items=page["items"], has_more=bool(page["next"]))


def _scarce(page: Json) -> Concern:
    """The products of a page with the lowest stock first."""
    scarce = [product for product in page["items"] if is_low_stock(product["units_in_stock"])]
    return Concern(items=scarce, has_more=bool(page["next"]) and len(scarce) == len(page["items"]))
