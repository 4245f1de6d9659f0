"""The memory of an audit does not grow with the orders that it has read."""

from collections.abc import Sized

import pytest

from accounting_svc.audit import ExpectedDocuments
from customer_svc.audit import ExpectedCustomers
from order_svc.audit import ExpectedOrders
from product_svc.audit import ExpectedProducts
from shop.audit import large
from shop.audit.checks import LogCheck, settled_before
from shop.audit.credit import CreditNeverNegative, MoneyConserved
from shop.audit.invoices import InvoicesGapless
from shop.audit.large import LargeDict
from shop.audit.orders import NoReservationLeft, OneDecisionPerOrder
from shop.audit.rows import ExpectedRows, compare
from shop.audit.units import StockNeverNegative, UnitsConserved
from shop.read_models.read_model import PageOfRows
from tests.unit.support.books import LATER
from tests.unit.support.many_orders import many_orders

EXPECTED = [ExpectedCustomers, ExpectedProducts, ExpectedOrders, ExpectedDocuments]
READERS: list[type[LogCheck] | type[ExpectedRows]] = [
    *(CreditNeverNegative, MoneyConserved, OneDecisionPerOrder, NoReservationLeft, InvoicesGapless),
    *(StockNeverNegative, UnitsConserved),
    *EXPECTED,
]

IN_MEMORY = 5


@pytest.fixture(autouse=True)
def little_memory(monkeypatch):
    monkeypatch.setattr(large, "IN_MEMORY", IN_MEMORY)


def read(reader, orders):
    made = reader()
    for recorded in many_orders(orders):
        made.add(recorded, recorded.event)
    return made


def kept(reader):
    """How many things are in memory, by attribute."""
    parts = {name: part for name, part in vars(reader).items() if isinstance(part, Sized) and not isinstance(part, str)}
    return {name: part.in_memory if isinstance(part, LargeDict) else len(part) for name, part in parts.items()}


@pytest.mark.parametrize("reader", READERS)
def test_ended_orders_take_no_memory(reader):
    few, many = (kept(read(reader, orders)) for orders in (40, 120))

    assert all(number <= max(few[name], 2 * IN_MEMORY) for name, number in many.items())


@pytest.mark.parametrize("check", [reader for reader in READERS if reader not in EXPECTED])
def test_a_sound_log_of_many_orders_is_found_to_be_sound(check):
    found = read(check, 40).verdict(settled_before(LATER, order_timeout=30))

    assert found.ok, found.detail


class Numbers:
    """Numbered rows that should be there, and those that are shown: read at one position after the other."""

    def __init__(self, expected):
        self._rows = LargeDict()
        self._rows.update({str(number): {"square": number**2} for number in range(expected)})

    def tables(self):
        return {"numbers": self._rows}

    def grow(self, position):
        """A row more at each position after the first one."""
        if position:
            self._rows[f"later {position}"] = {"square": 0}


class Shown:
    tables = ("numbers",)

    def __init__(self, numbers, at_once=7):
        self._numbers, self._at_once = list(numbers), at_once

    def pages(self, table):
        for position, first in enumerate(range(0, len(self._numbers) + 1, self._at_once)):
            page = self._numbers[first : first + self._at_once]
            yield PageOfRows(position, {str(number): {"square": number**2} for number in page})


@pytest.mark.parametrize(
    ("shown", "detail"),
    [
        (range(40), "40 rows at position 5"),
        ([*range(17), *range(18, 40)], "numbers 17 is missing"),
        (range(41), "numbers 40 should not be there"),
    ],
)
def test_of_many_rows_none_is_left_out_and_those_that_come_meanwhile_are_not_missed(shown, detail):
    expected = Numbers(40)

    assert compare("rows", expected, Shown(shown), expected.grow).detail == detail
