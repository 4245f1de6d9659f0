"""Read models as a service opens them, without the service."""

from types import SimpleNamespace
from typing import Any

from shop.chassis.stores import Adapter, ReadModelStore


class Container(SimpleNamespace):
    """Stands for Nameko's."""


class Worker:
    """Stands for a Nameko worker, which a session with the database may belong to."""


def opened(url: str, *adapters: Adapter, service: str = "notes") -> Any:
    """The adapter for this URL, as a process of the service has it. To be stopped in the end."""
    uris = {f"{service}:ReadModel": url}
    container = Container(service_name=service, max_workers=5, config={"DB_URIS": uris})
    model = ReadModelStore(*adapters).bind(container, "store")
    model.kept_alive = container  # Nameko's extensions have but a weak reference
    model.setup()
    return model


def store(model: Any) -> Any:
    """What a worker of the service gets."""
    return model.get_dependency(Worker())
