"""Runs Nameko services of the shop on an embedded broker of their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import eventlet
from nameko.runners import ServiceRunner
from nameko.standalone.rpc import ClusterRpcProxy

from shop.contracts.actors import Actor
from shop.database.engines import sqlite_url
from shop.messaging import embedded
from tests.support.waiting import LIMIT, let_others_run, wait_until

SERVICES = ("customers", "products", "orders", "accounting")


def configuration(folder: Path, **more: Any) -> dict[str, Any]:
    """Nameko's configuration for services that share one embedded broker and keep their databases in a folder."""
    embedded.register()
    return {
        "AMQP_URI": f"embedded://{uuid4().hex}",
        "LOG_URL": sqlite_url(folder / "log.sqlite"),
        "DB_URIS": {f"{name}:ReadModel": sqlite_url(folder / f"{name}.sqlite") for name in (*SERVICES, "counters")},
        "HOLDER": "tests",
        "max_workers": 20,
        **more,
    }


@contextmanager
def running(config: dict[str, Any], *services: type) -> Iterator[ServiceRunner]:
    """The services, started; stopped gracefully at the end, the last one first, so the event store is named first."""
    runner = ServiceRunner(config)
    for service in services:
        runner.add_service(service)
    runner.start()
    try:
        yield runner
    finally:
        for container in reversed(list(runner.containers)):
            container.stop()


@contextmanager
def calling(config: dict[str, Any], actor: Actor | None = None) -> Iterator[Any]:
    """A proxy to all services, as this actor; as an operator without one."""
    data = {"actor": actor.dump()} if actor else {}
    with ClusterRpcProxy(config, context_data=data, timeout=LIMIT) as cluster:
        yield cluster


def audited(cluster: Any, name: str) -> dict[str, Any]:
    """The result of a new audit of the service."""
    service = getattr(cluster, name)
    before = service.audit(max_age=0)["result"]

    def ended():
        told = service.audit(max_age=1e9)
        return told["result"] if told["running"] is None and told["result"] != before else None

    return wait_until(ended, f"the audit of {name}")


def turns_during(call: Callable[[], object]) -> int:
    """How often another greenlet had its turn while this was called."""
    turns = count()

    def take_turns() -> None:
        for _ in turns:
            let_others_run()

    others = eventlet.spawn(take_turns)
    call()
    others.kill()
    return next(turns)
