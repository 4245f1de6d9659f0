"""A process with the counters service and an event store, on databases that other such processes use as well.

    python -m tests.component.support.counting_process FOLDER SIGN

It places orders and corrects the stock until it is killed, and makes the file SIGN when it has begun. Its broker is
its own, so of what the others do it learns from the log alone.
"""

import eventlet

eventlet.monkey_patch()

import random
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

from event_store_svc.service import EventStoreService
from shop.contracts.errors import ShopError
from shop.contracts.events import OrderPlaced
from shop.event_sourcing import runner
from tests.component.support.counters_service import CountersService
from tests.component.support.running import calling, configuration, running
from tests.support.waiting import let_others_run
from tests.unit.support.counters import placed


def main(folder: Path, sign: Path) -> None:
    # A killed process keeps its lease until it ends: let that be soon. What it does not keep in time is another's.
    runner.LEASE_SECONDS, runner.TICK_SECONDS = 0.6, 0.1
    config = configuration(folder, HOLDER=uuid4().hex)
    with running(config, EventStoreService, CountersService), calling(config) as cluster:
        sign.touch()
        while True:
            act(cluster)
            let_others_run()


def act(cluster: Any) -> None:
    """Order something or correct the stock; a call that the event store has no time for is left."""
    try:
        if random.random() < 0.7:
            cluster.event_store.append(commit_of(placed()))
        else:
            cluster.counters.adjust(random.choice((-1, 1, 2)))
    except ShopError:
        pass


def commit_of(event: OrderPlaced) -> dict[str, Any]:
    meta = {"correlation_id": str(event.order_id), "causation": 0, "actor": "customer:alice", "service": "orders"}
    return {
        "command_id": f"place:{event.order_id}",
        "events": [{"stream": event.stream, "type": "OrderPlaced", "data": event.dump()}],
        "expects": {event.stream: 0},
        "fingerprint": None,
        "meta": meta,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
