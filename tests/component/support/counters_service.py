"""A small service that follows the log."""

from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, select, update
from sqlalchemy.dialects.sqlite import insert

from shop.contracts.commits import Commit, RecordedEvent
from shop.contracts.decisions import reacts_to
from shop.contracts.errors import StockBelowZero
from shop.contracts.events import OrderPlaced, StockAdjusted, UnitsReserved
from shop.event_sourcing import operations
from shop.event_sourcing.decision_context import LogContext
from shop.event_sourcing.log import EventLog
from shop.event_sourcing.subscription import projects
from shop.messaging.rpc import rpc
from shop.read_models.sql import SqlReadModel, SqlRows, Tables
from shop.read_models.stores import ReadModelStore
from tests.unit.support.counters import PRODUCT, STOCK, reserve


class CounterRows(SqlRows):
    @classmethod
    def tables(cls, metadata: MetaData, prefix: str) -> Tables:
        counters = Table(
            prefix + "counters", metadata, Column("name", String, primary_key=True), Column("units", Integer)
        )
        return {"counters": counters}

    def add(self, name: str, change: int) -> None:
        table = self.t["counters"]
        self.execute(insert(table).values(name=name, units=0).on_conflict_do_nothing())
        self.execute(update(table).values(units=table.c.units + change).where(table.c.name == name))

    def units(self, name: str) -> int:
        table = self.t["counters"]
        return self.execute(select(table.c.units).where(table.c.name == name)).scalar() or 0


class CountersService(operations.Operations):
    name = "counters"
    log = EventLog()
    store = ReadModelStore(SqlReadModel(CounterRows))

    @rpc
    def adjust(self, change: int, key: str | None = None) -> int:
        def decide(work: LogContext) -> Commit | None:
            if work.load(STOCK, PRODUCT).units + change < 0:
                raise StockBelowZero("counter", change)
            adjusted = StockAdjusted(product_id=PRODUCT, change=change, reason="count")
            return work.commit([adjusted], once=work.command_id)

        done = self.log.execute(decide, key=key, method="adjust", request={"change": change})
        return done.state(STOCK, PRODUCT).units

    @rpc
    def units(self) -> int:
        return self.store.units("all")

    @reacts_to(OrderPlaced)
    def reserve(self, placed: OrderPlaced, work: LogContext) -> Commit | None:
        return reserve(placed, work)

    @projects(StockAdjusted, UnitsReserved)
    def show(self, recorded: RecordedEvent, rows: CounterRows) -> None:
        event: Any = recorded.event
        rows.add("all", event.change if isinstance(event, StockAdjusted) else -event.quantity)
