"""The points of measurement, each on running systems."""

import time
from dataclasses import replace

from shop.contracts.names import Service
from shop.service.registry import WITH_READ_MODEL
from tools.bench import market
from tools.bench.machine import resident_megabytes
from tools.bench.measuring import Load, Measured, Usage, measure, percentiles, shoot, wait_until
from tools.bench.orders_log import OrdersLog
from tools.bench.systems import ShopInOneProcess, ShopOnServers, Yardstick
from tools.load.connection import ClientConnection
from tools.load.market import log_in

Shop = ShopOnServers | ShopInOneProcess

SECONDS_TO_SETTLE = 120
SECONDS_IDLE = 10


class BenchMarket:
    """A shop's products, and its customers, logged in."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.log = OrdersLog(shop.log_file)
        connection = ClientConnection(shop.url)
        names = [market.username(number) for number in range(shop.customers)]
        self.tokens = [log_in(connection, name, market.PASSWORD) for name in names]

    def orders(self, seconds: float, *, clients: int = 16, rate: float = 0.0) -> Load:
        return Load(seconds=seconds, clients=clients, rate=rate, products=self.shop.products, tokens=self.tokens)

    def settled(self) -> bool:
        """Wait until every order is invoiced. Returns: whether all are."""
        return wait_until(lambda: self.log.under_way() == 0, SECONDS_TO_SETTLE)


def yardstick(system: Yardstick, seconds: float, clients: int = 16) -> Measured:
    return measure(system, Load(seconds=seconds, clients=clients, paths=[f"/numbers/{n}" for n in range(100)]))


def get_product(shop: Shop, seconds: float, clients: int = 16) -> Measured:
    return measure(
        shop, Load(seconds=seconds, clients=clients, paths=[f"/v1/products/{product}" for product in shop.products])
    )


def catalogue_page(shop: Shop, seconds: float, size: int = 20) -> Measured:
    first = f"/v1/products?limit={size}"
    return measure(shop, Load(seconds=seconds, paths=[first, f"{first}&sort=-price"]))


def get_order(found: BenchMarket, seconds: float) -> Measured:
    """GET of an order, for random ones of ten orders of a customer."""
    token = found.tokens[0]
    ten = shoot(found.shop, replace(found.orders(0.0, rate=100), seconds=0.1, tokens=[token]))["sent"]
    found.settled()
    return measure(found.shop, Load(seconds=seconds, paths=[f"/v1/orders/{order}" for order in ten], token=token))


def post_order(found: BenchMarket, shop: ShopOnServers, seconds: float) -> Measured:
    """POST alone: reactions start after all orders are placed."""
    _each_follower(shop, "pause")
    measured = measure(shop, found.orders(seconds))
    _each_follower(shop, "resume")
    found.settled()
    return measured


def whole_orders(
    found: BenchMarket, seconds: float, *, clients: int = 16, rate: float = 0.0, hot: bool = False
) -> Measured:
    """Orders from the POST until the invoice is in the log; the processor time includes the later projections."""
    load = found.orders(seconds, clients=clients, rate=rate)
    before, head = Usage.so_far(found.shop), found.log.head()
    answer = shoot(found.shop, replace(load, products=load.products[:1]) if hot else load)
    settled = found.settled()
    sent, invoiced = answer["sent"], found.log.invoiced(head)
    times = [invoiced[order] - since for order, since in sent.items() if order in invoiced]
    used = Usage.since(before, found.shop, len(times))
    took = max(invoiced.values()) - min(sent.values())
    return Measured(
        rate=len(times) / took,
        milliseconds=percentiles(times),
        cpu=used.cpu,
        disk=used.disk,
        memory=resident_megabytes(found.shop.processes),
        number=len(times),
        failed=len(answer["seconds"]) - len(times) if settled else len(answer["seconds"]),
    )


def idle(shop: Shop) -> Measured:
    """An idle shop: `cpu` is percent of a core."""
    before = Usage.so_far(shop)
    time.sleep(SECONDS_IDLE)
    used = Usage.since(before, shop)
    return Measured(
        rate=0.0,
        cpu={name: spent / (10 * SECONDS_IDLE) for name, spent in used.cpu.items()},
        memory=resident_megabytes(shop.processes),
    )


def rebuild(shop: ShopOnServers, service: Service) -> Measured:
    """Events per second of a rebuild in an idle shop."""
    events = OrdersLog(shop.log_file).events()
    began = time.monotonic()
    shop.call(service.value, "rebuild")
    wait_until(lambda: not _rebuilding(shop, service), SECONDS_TO_SETTLE)
    return Measured(rate=events / (time.monotonic() - began), number=events)


def _rebuilding(shop: ShopOnServers, service: Service) -> bool:
    progress = shop.call(service.value, "rebuild_progress")
    return bool(progress["running"])  # type: ignore[index]


def _each_follower(shop: ShopOnServers, method: str) -> None:
    for service in WITH_READ_MODEL:
        shop.call(service.value, method)
