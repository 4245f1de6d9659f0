"""A process of its own that makes thousands of calls, and prints as JSON what is left of them."""

import eventlet

eventlet.monkey_patch()

import gc
import json

import psutil
from nameko.rpc import rpc

from tests.component.embedded.support.services import Fruits, Shopper, broker_of, calling, fresh_uri, running
from tests.support.waiting import let_others_run

CALLS = 5_000
CALLS_BEFORE = 1_000
"""Until then memory grows as it does at every beginning."""


class BigShopper(Shopper):
    """Calls without end."""

    @rpc
    def buy_all(self, calls: int, at_once: int) -> None:
        for _ in range(calls // at_once):
            self.buy(list(range(at_once)))


def growth() -> dict[str, float]:
    uri = fresh_uri()
    with running(uri, Fruits, BigShopper), calling(uri, timeout=None) as services:
        services.shopper.buy_all(CALLS_BEFORE, at_once=50)
        before = _footprint(uri)
        services.shopper.buy_all(CALLS, at_once=50)
        after = _footprint(uri)
    return {name: after[name] - before[name] for name in after}


def _footprint(uri: str) -> dict[str, float]:
    let_others_run(20)
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
    print(json.dumps(growth()))  # noqa: T201 - the answer
