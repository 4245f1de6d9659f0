"""Events of other services, recorded as those would."""

from typing import Any

from shop.contracts.events import Event


def record_as_orders(cluster: Any, event: Event, version: int = 0) -> None:
    """Record an event as the order service would."""
    order_id = str(event.order_id)
    meta = {"correlation_id": order_id, "causation": 0, "actor": "customer:ann", "service": "orders"}
    cluster.event_store.append(
        {
            "command_id": f"{type(event).__name__}:{order_id}",
            "events": [{"stream": event.stream, "type": type(event).__name__, "data": event.dump()}],
            "expects": {event.stream: version},
            "fingerprint": None,
            "meta": meta,
        }
    )
