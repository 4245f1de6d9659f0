"""The gateway's metrics, in the text format of Prometheus.

Several processes behind one address count into files of one folder, named by `SHARED`, and each reports the sum.
Otherwise scrapes would reach different processes, and counters would seem to jump back.

The number of labels does not depend on clients: declared routes, and `other` for all other paths.
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
"""The client library's environment variable for the folder; to be set before the process starts."""
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
    """Count an answered request.

    Args:
        route: its declared path, or `OTHER`; the client may then have made up the method, too.
    """
    method = OTHER if route == OTHER else method
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)


def count_refusal(status: int) -> None:
    """Count a malformed request, which was refused before it had a route."""
    REQUESTS.labels(OTHER, OTHER, str(status)).inc()


def exposition(services: dict[str, Any]) -> bytes:
    """All metrics as text.

    Args:
        services: the present state of each service, as in `/readyz`.
    """
    return generate_latest(_counted()) + generate_latest(_Services(services))


def _counted() -> Collector:
    """Counters of all processes that ever shared the folder; requests in progress, of living ones only."""
    folder = os.environ.get(SHARED)
    if folder is None:
        return REGISTRY
    for file in Path(folder).glob(f"{OF_THE_LIVING}*.db"):
        if not Path("/proc", file.stem.removeprefix(OF_THE_LIVING)).exists():
            file.unlink(missing_ok=True)
    return MultiProcessCollector(CollectorRegistry(), path=folder)  # type: ignore[no-untyped-call]


class _Services(Collector):
    """State of the services, collected anew for each scrape."""

    def __init__(self, services: dict[str, Any]) -> None:
        self._services = services

    def collect(self) -> Iterator[GaugeMetricFamily]:
        ready = GaugeMetricFamily("shop_service_ready", "1 if the service is ready, 0 otherwise.", labels=["service"])
        lag = GaugeMetricFamily(
            "shop_service_lag_commits",
            "Lag of the service's read model behind the event log, in commits.",
            labels=["service"],
        )
        for name, service in self._services.items():
            ready.add_metric([name], float(service["ready"]))
            if service["lag"] is not None:
                lag.add_metric([name], service["lag"])
        yield from (ready, lag)
