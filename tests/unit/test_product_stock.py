"""The rules of the stock that orders take."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from product_svc.commands import AdjustStock, WithdrawProduct
from product_svc.domain import PRODUCT, Product, adjust_stock, withdraw_product
from product_svc.reserving import STOCK, OrderStock, release, reserve
from shop.contracts.errors import ShopError
from shop.contracts.events import (
    Event,
    OrderShipped,
    ProductWithdrawn,
    Reason,
    Shortage,
    StockAdjusted,
    StockRejected,
    StockReleased,
    StockReserved,
    Units,
    UnitsReleased,
    UnitsReserved,
)
from tests.unit.support.product_builders import CUP, ORDER, POT, TEA, a_product, reserving


def units(product_id: UUID, quantity: int) -> Units:
    return Units(product_id=product_id, quantity=quantity)


def test_an_order_takes_the_units_of_all_its_lines():
    products = {TEA: a_product(TEA, units=3), CUP: a_product(CUP, units=2)}

    events = reserve(None, products, reserving((TEA, 3), (CUP, 1)))

    assert events == [
        StockReserved(order_id=ORDER, units=(units(TEA, 3), units(CUP, 1))),
        UnitsReserved(product_id=TEA, order_id=ORDER, quantity=3),
        UnitsReserved(product_id=CUP, order_id=ORDER, quantity=1),
    ]
    assert PRODUCT.fold(events[1:2], products[TEA]) == replace(products[TEA], units=0)


def test_lines_of_one_product_count_together():
    products = {TEA: a_product(TEA, units=3)}

    enough = reserve(None, products, reserving((TEA, 1), (TEA, 2)))
    too_many = reserve(None, products, reserving((TEA, 2), (TEA, 2)))

    assert enough[0] == StockReserved(order_id=ORDER, units=(units(TEA, 3),))
    assert too_many == [
        StockRejected(
            order_id=ORDER,
            shortages=(Shortage(product_id=TEA, requested=4, available=3, reason=Reason.OUT_OF_STOCK),),
        )
    ]


def test_a_refusal_names_every_line_that_is_short_and_takes_nothing():
    withdrawn = PRODUCT.fold([ProductWithdrawn(product_id=CUP)], a_product(CUP, units=9))
    products = {TEA: a_product(TEA, units=1), CUP: withdrawn, POT: None}

    events = reserve(None, products, reserving((TEA, 2), (CUP, 1), (POT, 1)))

    assert events == [
        StockRejected(
            order_id=ORDER,
            shortages=(
                Shortage(product_id=TEA, requested=2, available=1, reason=Reason.OUT_OF_STOCK),
                Shortage(product_id=CUP, requested=1, available=0, reason=Reason.NOT_ON_SALE),
                Shortage(product_id=POT, requested=1, available=0, reason=Reason.NOT_ON_SALE),
            ),
        )
    ]


def test_one_short_line_refuses_the_whole_order():
    products = {TEA: a_product(TEA, units=5), CUP: a_product(CUP, units=0)}

    (event,) = reserve(None, products, reserving((TEA, 1), (CUP, 1)))

    assert isinstance(event, StockRejected)
    assert [shortage.product_id for shortage in event.shortages] == [CUP]


def test_an_order_gets_one_answer():
    products = {TEA: a_product(TEA)}
    reserved = STOCK.fold(reserve(None, products, reserving((TEA, 1))))
    rejected = STOCK.fold(reserve(None, {TEA: None}, reserving((TEA, 1))))

    assert reserve(reserved, products, reserving((TEA, 1))) == []
    assert reserve(rejected, products, reserving((TEA, 1))) == []


def test_what_an_order_holds_goes_back_once():
    reserved = STOCK.fold(reserve(None, {TEA: a_product(TEA)}, reserving((TEA, 1), (TEA, 2))))

    events = release(reserved, ORDER)

    assert events == [
        StockReleased(order_id=ORDER, units=(units(TEA, 3),)),
        UnitsReleased(product_id=TEA, order_id=ORDER, quantity=3),
    ]
    assert release(STOCK.fold(events, reserved), ORDER) == []


def test_nothing_goes_back_for_an_order_that_holds_nothing():
    rejected = STOCK.fold(reserve(None, {TEA: None}, reserving((TEA, 1))))

    assert release(None, ORDER) == []
    assert release(rejected, ORDER) == []


def test_events_of_other_streams_change_nothing():
    assert STOCK.fold([OrderShipped(order_id=ORDER)]) is None


# Whatever happens

PRODUCTS = [TEA, CUP, POT]
SHELF = {TEA: a_product(TEA, units=10), CUP: a_product(CUP, units=4), POT: a_product(POT, units=0)}
LINES = st.lists(st.tuples(st.sampled_from(PRODUCTS), st.integers(1, 4)), min_size=1, max_size=4)
ORDERS = st.integers(1, 4).map(lambda number: UUID(int=number))
STEPS = st.one_of(
    st.tuples(st.just("reserve"), ORDERS, LINES),
    st.tuples(st.just("release"), ORDERS, st.none()),
    st.tuples(st.just("adjust"), st.sampled_from(PRODUCTS), st.integers(-6, 6)),
    st.tuples(st.just("withdraw"), st.sampled_from(PRODUCTS), st.none()),
)


class Shelf:
    """Products and orders' stocks, changed by decisions as the log would have them."""

    def __init__(self) -> None:
        self.products: dict[UUID, Product] = dict(SHELF)
        self.stocks: dict[UUID, OrderStock | None] = {}
        self.adjusted = 0

    def step(self, kind: str, key: UUID, value) -> None:
        try:
            events = self.decide(kind, key, value)
        except ShopError:
            return
        for event in events:
            self.record(event)

    def decide(self, kind: str, key: UUID, value) -> list[Event]:
        match kind:
            case "reserve":
                return reserve(self.stocks.get(key), self.products, reserving(*value, order_id=key))
            case "release":
                return release(self.stocks.get(key), key)
            case "adjust":
                return adjust_stock(self.products[key], AdjustStock(product_id=key, change=value, reason="counted"))
            case _:
                return withdraw_product(self.products[key], WithdrawProduct(product_id=key))

    def record(self, event: Event) -> None:
        if isinstance(event, StockAdjusted):
            self.adjusted += event.change
        if isinstance(event, StockReserved | StockRejected | StockReleased):
            self.stocks[event.order_id] = STOCK.fold([event], self.stocks.get(event.order_id))
        elif event.stream.startswith("product-"):
            self.products[event.product_id] = PRODUCT.fold([event], self.products[event.product_id])

    def in_stock(self) -> int:
        return sum(product.units for product in self.products.values())

    def held(self) -> int:
        return sum(held.quantity for stock in self.stocks.values() if stock for held in stock.held)


@given(st.lists(STEPS, max_size=40))
def test_stock_is_never_negative_and_never_lost(steps):
    shelf = Shelf()
    opening = shelf.in_stock()

    for step in steps:
        shelf.step(*step)

        assert all(product.units >= 0 for product in shelf.products.values())
        assert shelf.in_stock() + shelf.held() == opening + shelf.adjusted


@given(LINES)
def test_a_reservation_and_its_release_cancel_each_other(lines):
    shelf = Shelf()

    shelf.step("reserve", ORDER, lines)
    shelf.step("release", ORDER, None)

    assert shelf.products == SHELF
    assert shelf.held() == 0
