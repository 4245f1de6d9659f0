"""`make bench`: measures all points in three rounds, and writes docs/bench."""

from shop.green_threads import patch_standard_library

patch_standard_library()

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from shop.contracts.names import Service
from tools.bench import growth, log_alone, points, report
from tools.bench.goals import READY, READY_GROWN
from tools.bench.measuring import Measured
from tools.bench.points import BenchMarket
from tools.bench.systems import Servers, ShopInOneProcess, ShopOnServers, Yardstick

ROUNDS = 3
PARTS = ("servers", "copies", "embedded", "log", "growth", "grown")
RATES = (5, 20, 50)
"""Of the open loop, in orders per second."""

Take = Callable[[str, Callable[[], Measured]], None]


def main() -> None:
    options = _options()
    began = time.monotonic()
    taken = report.Results()

    def take(name: str, measure: Callable[[], Measured]) -> None:
        measured = measure()
        taken.add(name, measured)
        print(f"{time.monotonic() - began:6.0f} s  {name}: {report.line_of(measured)}", flush=True)

    with tempfile.TemporaryDirectory(prefix="shop-bench-") as name:
        try:
            _measure(Path(name), take, options)
        finally:  # after an interruption, keep the results so far
            report.write(taken, Path(options.to), minutes=(time.monotonic() - began) / 60)


def _measure(folder: Path, take: Take, options: argparse.Namespace) -> None:
    with Servers.running(folder) as servers:
        if "servers" in options.only:
            _on_servers(servers, folder, take, options)
        if "copies" in options.only:
            _two_of_each(servers, folder, take, options)
        if "growth" in options.only:
            _growth(servers, folder, take, options)
        if "embedded" in options.only:
            _in_one_process(servers, folder, take, options)
    if "grown" in options.only:
        take(READY_GROWN, lambda: _ready(growth.seconds_to_ready(folder / "grown", orders=100_000)))
    if "log" in options.only:
        for _ in range(options.rounds):
            take("log: append", lambda: log_alone.append(Path(tempfile.mkdtemp(dir=folder))))
            take("log: append_many", lambda: log_alone.append_many(Path(tempfile.mkdtemp(dir=folder))))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--scale", type=float, default=1.0, help="of all durations")
    parser.add_argument("--to", default="docs/bench", help="where JSON, table and plots go")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS[:4], help="how it grows: growth and grown")
    return parser.parse_args()


def _on_servers(servers: Servers, folder: Path, take: Take, options: argparse.Namespace) -> None:
    """The yardstick is measured again between the points: both see the same state of the machine."""
    scale = options.scale
    with closing(Yardstick(servers, folder)) as yardstick, closing(ShopOnServers(servers, folder, "spread")) as shop:
        shop.start()
        market = BenchMarket(shop)
        points.whole_orders(market, 4 * scale)  # fills the caches as some time of use does
        take("idle", lambda: points.idle(shop))
        for _ in range(options.rounds):
            for clients in (1, 16, 50):
                take(f"yardstick, {clients}", lambda c=clients: points.yardstick(yardstick, 3 * scale, c))  # type: ignore[misc]
                take(f"GET product, {clients}", lambda c=clients: points.get_product(shop, 3 * scale, c))  # type: ignore[misc]
                take(f"whole orders, {clients}", lambda c=clients: points.whole_orders(market, 6 * scale, clients=c))  # type: ignore[misc]
            take("hot product, 16", lambda: points.whole_orders(market, 6 * scale, hot=True))
            take("yardstick, 16", lambda: points.yardstick(yardstick, 3 * scale))
            take("catalogue page, 16", lambda: points.catalogue_page(shop, 3 * scale))
            take("GET order, 16", lambda: points.get_order(market, 3 * scale))
            take("POST order alone, 16", lambda: points.post_order(market, shop, 3 * scale))
            for rate in RATES:
                take(f"{rate} orders per second", lambda r=rate: points.whole_orders(market, 10 * scale, rate=r))  # type: ignore[misc]
            take("rebuild orders", lambda: points.rebuild(shop, Service.ORDERS))
            take("rebuild products", lambda: points.rebuild(shop, Service.PRODUCTS))


def _two_of_each(servers: Servers, folder: Path, take: Take, options: argparse.Namespace) -> None:
    """Alternates with a shop of one process per service: both see the same state of the machine."""
    with ExitStack() as stack:
        markets = {}
        for name, copies in (("one process each", 1), ("two processes each", 2)):
            shop = stack.enter_context(closing(ShopOnServers(servers, folder, f"copies{copies}", copies=copies)))
            shop.start()
            markets[name] = BenchMarket(shop)
            points.whole_orders(markets[name], 4 * options.scale)
        for _ in range(options.rounds):
            for clients in (16, 50):
                for name, market in markets.items():
                    orders = partial(points.whole_orders, market, 6 * options.scale, clients=clients)
                    take(f"{name}, {clients}", orders)


def _in_one_process(servers: Servers, folder: Path, take: Take, options: argparse.Namespace) -> None:
    with closing(Yardstick(servers, folder)) as yardstick, closing(ShopInOneProcess(folder)) as shop:
        ready = shop.start()
        take(READY, lambda: _ready(ready))
        take("shop run: idle", lambda: points.idle(shop))
        market = BenchMarket(shop)
        points.whole_orders(market, 4 * options.scale)
        for _ in range(options.rounds):
            take("yardstick beside shop run, 16", lambda: points.yardstick(yardstick, 3 * options.scale))
            take("shop run: whole orders, 16", lambda: points.whole_orders(market, 6 * options.scale))
            take("shop run: GET product, 16", lambda: points.get_product(shop, 3 * options.scale))


def _ready(seconds: float) -> Measured:
    return Measured(rate=1 / seconds, milliseconds={"p50": 1000 * seconds}, number=1)


def _growth(servers: Servers, folder: Path, take: Take, options: argparse.Namespace) -> None:
    with closing(Yardstick(servers, folder)) as yardstick:
        for compared in growth.COMPARED:
            with ExitStack() as stack:
                shops = {name: stack.enter_context(closing(make(servers, folder))) for name, make in compared.items()}
                _compare(shops, yardstick, take, options)


def _compare(shops: dict[str, ShopOnServers], yardstick: Yardstick, take: Take, options: argparse.Namespace) -> None:
    scale, markets = options.scale, {}
    for name, shop in shops.items():
        shop.start()
        markets[name] = BenchMarket(shop)
        take(f"{name}: first orders, 16", lambda m=markets[name]: points.whole_orders(m, 4 * scale))  # type: ignore[misc]
        points.whole_orders(markets[name], growth.SECONDS_TO_WARM_UP * scale)
    for _ in range(options.rounds):
        take("yardstick, 16", lambda: points.yardstick(yardstick, 3 * scale))
        for name, shop in shops.items():
            take(f"{name}: whole orders, 16", lambda m=markets[name]: points.whole_orders(m, 6 * scale))  # type: ignore[misc]
            page = partial(points.catalogue_page, shop, 3 * scale, growth.PRODUCTS_ON_A_PAGE)
            take(f"{name}: page of {growth.PRODUCTS_ON_A_PAGE}, 16", page)
    for name, shop in shops.items():
        take(f"{name}: rebuild orders", lambda s=shop: points.rebuild(s, Service.ORDERS))  # type: ignore[misc]


if __name__ == "__main__":
    os.chdir(Path(__file__).parents[1])
    main()
