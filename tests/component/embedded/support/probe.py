"""A process of its own for the embedded transport's tests, where nothing else takes time or memory.

`idle` prints the processor time that six idle containers use, in percent of a core; `growth` makes 20,000 calls and
prints what is left of them. Both as JSON.
"""

import eventlet

eventlet.monkey_patch()

import gc
import json
import sys
import time

import psutil
from nameko.rpc import rpc

from tests.component.embedded.support.services import Fruits, Shopper, broker_of, calling, fresh_uri, running


def idle(seconds: float = 3.0) -> dict[str, float]:
    services = [type(f"Shopper{number}", (Shopper,), {"name": f"shopper{number}"}) for number in range(6)]
    with running(fresh_uri(), *services):
        eventlet.sleep(0.3)
        used, started = time.process_time(), time.perf_counter()
        eventlet.sleep(seconds)
        return {"percent": 100 * (time.process_time() - used) / (time.perf_counter() - started)}


class BigShopper(Shopper):
    """Calls without end."""

    @rpc
    def buy_all(self, calls: int, at_once: int) -> None:
        for _ in range(calls // at_once):
            self.buy(list(range(at_once)))


def growth(calls: int = 20_000) -> dict[str, float]:
    uri = fresh_uri()
    with running(uri, Fruits, BigShopper), calling(uri, timeout=None) as services:
        services.shopper.buy_all(2_000, at_once=50)
        before, started = _footprint(uri), time.perf_counter()
        services.shopper.buy_all(calls, at_once=50)
        seconds = time.perf_counter() - started
        after = _footprint(uri)
    return {"calls_per_second": calls / seconds} | {name: after[name] - before[name] for name in after}


def _footprint(uri: str) -> dict[str, float]:
    eventlet.sleep(0.05)
    gc.collect()
    broker = broker_of(uri)
    return {
        "queues": len(broker.queues),
        "exchanges": len(broker.exchanges),
        "messages": sum(queue.message_count() for queue in broker.queues.values()),
        "held": sum(len(c.channel.unacked) for queue in broker.queues.values() for c in queue.consumers),
        "objects": len(gc.get_objects()),
        "megabytes": psutil.Process().memory_info().rss / 2**20,
    }


if __name__ == "__main__":
    print(json.dumps({"idle": idle, "growth": growth}[sys.argv[1]]()))  # noqa: T201 - the answer
