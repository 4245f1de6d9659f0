"""The answers of a shop's `/readyz`."""

import requests

from tests.support.waiting import LIMIT, wait_until


def is_ready(url: str) -> bool:
    """Whether the shop at this address says so; one that does not answer is not."""
    try:
        return requests.get(f"{url}/readyz", timeout=LIMIT).ok
    except requests.RequestException:
        return False


def wait_until_shown(url: str) -> None:
    """Returns when all read models of the shop at this address have caught up with its log."""

    def lags() -> set[int | None]:
        services = requests.get(f"{url}/readyz", timeout=LIMIT).json()["services"]
        return {service["lag"] for service in services.values()}

    wait_until(lambda: lags() == {0}, "the read models")
