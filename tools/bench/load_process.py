"""The load generator, a process of its own: `python -m tools.bench.load_process`, given a `Load` as JSON."""

from shop.green_threads import patch_standard_library

patch_standard_library()

import random
import sys
import time
from collections import deque
from functools import partial

import orjson

from tools.load.connection import ClientConnection
from tools.load.generator import Request, closed_loop, open_loop
from tools.load.market import Market
from tools.load.tally import Tally


def main() -> None:
    load = orjson.loads(sys.stdin.buffer.read())
    market, tally = Market(load["products"], load["tokens"], deque()), Tally()
    request: Request = partial(_get, load["paths"], load["token"]) if load["paths"] else market.place_order
    if load["rate"]:
        open_loop(load["url"], request, tally, rate=load["rate"], seconds=load["seconds"])
    else:
        closed_loop(load["url"], request, tally, clients=load["clients"], seconds=load["seconds"])
    clock = time.time() - time.monotonic()
    sent = {order.id: order.since + clock for order in market.placed}
    answer = {"seconds": tally.seconds, "rate": tally.rate, "statuses": dict(tally.statuses), "sent": sent}
    sys.stdout.buffer.write(orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS))


def _get(paths: list[str], token: str, connection: ClientConnection) -> int:
    return connection.get(random.choice(paths), token).status


if __name__ == "__main__":
    main()
