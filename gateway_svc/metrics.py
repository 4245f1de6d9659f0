"""What this process of the gateway counts, in the text format of Prometheus.

Labels are few whatever clients send: routes as they are declared, and `other` for all that fits none.
"""

from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"
OTHER = "other"

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
IN_FLIGHT = Gauge("shop_http_requests_in_flight", "Requests that wait for their answer.", registry=REGISTRY)


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
    return generate_latest(REGISTRY) + generate_latest(_Services(services))


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
