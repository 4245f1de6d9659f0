"""What the gateway counts, in the text format of Prometheus.

Several processes behind one address count into files of one folder, which `SHARED` names, and each of them tells the
sum. Otherwise a scrape would meet now the one and now the other, and counters would seem to jump back.

Labels are few whatever clients send: routes as they are declared, and `other` for all that fits none.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"
OTHER = "other"

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable of the library with the folder; to be set before the process starts."""
OF_THE_LIVING = "gauge_livesum_"

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
REQUESTS = Counter(
    "shop_http_requests", "Requests that were answered.", ["method", "route", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "shop_http_request_seconds",
    "From the last byte of a request to its answer.",
    ["method", "route"],
    registry=REGISTRY,
)
IN_FLIGHT = Gauge(
    "shop_http_requests_in_flight",
    "Requests that wait for their answer.",
    registry=REGISTRY,
    multiprocess_mode="livesum",
)


def count(method: str, route: str, status: int, seconds: float) -> None:
    """A request that was answered.

    Args:
        route: its path as it is declared, or `OTHER`; then the method is whatever the client made up.
    """
    method = OTHER if route == OTHER else method
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)


def count_refusal(status: int) -> None:
    """A request that broke the rules of HTTP before anybody could say what it was for."""
    REQUESTS.labels(OTHER, OTHER, str(status)).inc()


def exposition(services: dict[str, Any]) -> bytes:
    """All of it as text.

    Args:
        services: how each one stands now, as in `/readyz`.
    """
    return generate_latest(_counted()) + generate_latest(_Services(services))


def _counted() -> Collector:
    """What all processes have counted that ever shared the folder; what is under way, only those that are alive."""
    folder = os.environ.get(SHARED)
    if folder is None:
        return REGISTRY
    for file in Path(folder).glob(f"{OF_THE_LIVING}*.db"):
        if not Path("/proc", file.stem.removeprefix(OF_THE_LIVING)).exists():
            file.unlink(missing_ok=True)
    return MultiProcessCollector(CollectorRegistry(), path=folder)  # type: ignore[no-untyped-call]


class _Services(Collector):
    """How the services stand, which is asked anew each time."""

    def __init__(self, services: dict[str, Any]) -> None:
        self._services = services

    def collect(self) -> Iterator[GaugeMetricFamily]:
        ready = GaugeMetricFamily("shop_service_ready", "Whether the service is there.", labels=["service"])
        lag = GaugeMetricFamily("shop_service_lag_commits", "How far it is behind the log.", labels=["service"])
        for name, service in self._services.items():
            ready.add_metric([name], float(service["ready"]))
            if service["lag"] is not None:
                lag.add_metric([name], service["lag"])
        yield from (ready, lag)
