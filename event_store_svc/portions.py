"""Splits queries and answers into portions of limited size."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from event_store_svc.domain import Link

T = TypeVar("T")

MOST_VALUES = 500
"""Values in one query: databases limit their number."""

MOST_EVENTS = 1000
"""Events of all streams in one answer."""


def chunks(items: Iterable[T], size: int = MOST_VALUES) -> Iterator[list[T]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk


def within(budget: int, links: Iterable[Link]) -> Iterator[Link]:
    """The first links that fit into the budget of bytes; at least one."""
    size = 0
    for link in links:
        size += len(link.body)
        if size > budget and size > len(link.body):
            return
        yield link


def fitting(budget: int, wanted: Iterable[str], sizes: Mapping[str, int]) -> list[str]:
    """The first items that fit into the budget of bytes; at least one."""
    found: list[str] = []
    for name in wanted:
        budget -= sizes.get(name, 0)
        if found and budget < 0:
            break
        found.append(name)
    return found
