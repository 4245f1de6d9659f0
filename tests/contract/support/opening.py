"""Read models as a service opens them, without the service."""

from types import SimpleNamespace
from typing import Any

from shop.read_models.stores import Adapter, ReadModelStore


class Container(SimpleNamespace):
    """Stands for Nameko's."""


class Worker:
    """Stands for a Nameko worker, which a session with the database may belong to."""


def opened(url: str, *adapters: Adapter, service: str = "notes") -> Any:
    """The adapter for this URL, as a process of the service has it. To be closed in the end."""
    uris = {f"{service}:ReadModel": url}
    container = Container(service_name=service, max_workers=5, config={"DB_URIS": uris})
    model = ReadModelStore(*adapters).bind(container, "store")
    model.kept_alive = container  # Nameko's extensions have but a weak reference
    model.workers = []
    model.setup()
    return model


def close(model: Any) -> None:
    """End its workers, which give back their connections, and close those."""
    for worker in model.workers:
        model.worker_teardown(worker)
    model.stop()


def store(model: Any) -> Any:
    """The dependency that a worker of the service gets."""
    model.workers.append(Worker())
    return model.get_dependency(model.workers[-1])
