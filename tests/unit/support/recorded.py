"""Events as the log keeps them, for tests of what is shown of them."""

from shop.contracts.commits import RecordedEvent
from shop.contracts.events import Event

NINE = "2026-11-23T09:00:00.000Z"


def recorded(event: Event, at: str = NINE, position: int = 1) -> RecordedEvent:
    return RecordedEvent(
        position=position,
        stream=event.stream,
        version=1,
        type=type(event).__name__,
        fields=event.dump(),
        at=at,
        correlation_id="a request",
        causation=0,
        actor="operator:operator",
        service="tests",
    )
