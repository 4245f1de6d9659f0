"""A small domain for tests of `shop.event_sourcing`: stock of one product, taken by orders."""

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from shop.contracts import names
from shop.contracts.commits import Commit
from shop.contracts.deciders import Decider
from shop.contracts.events import Event, OrderCancelled, OrderPlaced, StockAdjusted, UnitsReleased, UnitsReserved
from shop.contracts.money import Money
from shop.event_sourcing.decision_context import LogContext
from shop.event_sourcing.event_store import EventStoreClient
from tests.unit.support.log_in_memory import LogInMemory

PRODUCT = UUID(int=1)


@dataclass(frozen=True)
class Stock:
    units: int = 0
    held: frozenset[UUID] = frozenset()


def evolve(stock: Stock, event: Event) -> Stock:
    match event:
        case StockAdjusted(change=change):
            return replace(stock, units=stock.units + change)
        case UnitsReserved(order_id=order_id):
            return Stock(stock.units - 1, stock.held | {order_id})
        case UnitsReleased(order_id=order_id):
            return Stock(stock.units + 1, stock.held - {order_id})
    return stock


STOCK = Decider(names.product_stream, Stock(), evolve)


def reserve(placed: OrderPlaced, work: LogContext) -> Commit | None:
    """Take one unit, if there is one."""
    stock = work.load(STOCK, PRODUCT)
    events = [UnitsReserved(product_id=PRODUCT, order_id=placed.order_id, quantity=1)] if stock.units else []
    return work.commit(events, once=f"stock:{placed.order_id}")


def release(cancelled: OrderCancelled, work: LogContext) -> Commit | None:
    """Give it back, if the order holds one."""
    held = cancelled.order_id in work.load(STOCK, PRODUCT).held
    events = [UnitsReleased(product_id=PRODUCT, order_id=cancelled.order_id, quantity=1)] if held else []
    return work.commit(events, once=f"stock-release:{cancelled.order_id}")


def record(log: LogInMemory, *events: Event, correlation_id: str = "c", once: str | None = None) -> int:
    """Append the events as one commit of somebody else; its position."""
    versions = {event.stream: len(log.types(event.stream)) for event in events}
    commit = Commit(
        command_id=once or str(uuid4()),
        events=events,
        expects=versions,
        correlation_id=correlation_id,
        actor="operator:operator",
        service="tests",
    )
    return EventStoreClient(log).append(commit).position


def placed(order_id: UUID | None = None) -> OrderPlaced:
    return OrderPlaced(order_id=order_id or uuid4(), customer="alice", lines=(), total=Money(100, "EUR"), address=None)


def cancelled(order_id: UUID) -> OrderCancelled:
    return OrderCancelled(order_id=order_id, customer="alice", was_approved=False)


def stocked(log: LogInMemory, units: int) -> int:
    return record(log, StockAdjusted(product_id=PRODUCT, change=units, reason="delivery"))


def stock(log: LogInMemory) -> Stock:
    """The stock as the log tells it."""
    answer = EventStoreClient(log).read_streams({STOCK.stream(PRODUCT): 0})[STOCK.stream(PRODUCT)]
    return STOCK.fold(recorded.event for recorded in answer.events)
