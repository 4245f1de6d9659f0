"""Waiting for a shop that starts."""

import pytest

from shop.contracts.errors import ServiceUnavailable
from shop.contracts.names import Service
from shop.http.endpoint import Endpoint
from shop_cli import process
from shop_cli.process import SECONDS_WITHOUT_PROGRESS, wait_until_ready
from shop_cli.refusal import Refusal

HEAD = 100_000
GATEWAY = Endpoint("127.0.0.1", 8000)


class Starting:
    """A shop whose orders service reads the log for the first time, so many commits a second, and then stands still."""

    def __init__(self, speed: int, until: int = HEAD) -> None:
        self.speed, self.until = speed, until
        self.now = 1000.0
        self.began = self.now
        self.asked = 0

    def call(self, service: str, method: str) -> dict[str, object]:
        self.asked += 1
        if method == "head":
            return {"head": HEAD}
        if service != Service.ORDERS:
            return {"ready": True, "position": HEAD}
        position = min(self.until, round(self.speed * (self.now - self.began)))
        if position == 0:
            raise ServiceUnavailable("orders")
        if method == "status":
            return {"ready": position == HEAD, "position": 0 if position < HEAD else HEAD}
        return {"running": True, "position": position, "head": HEAD}

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def starting(monkeypatch: pytest.MonkeyPatch, **how: int) -> Starting:
    shop = Starting(**how)
    monkeypatch.setattr(process.time, "monotonic", lambda: shop.now)
    monkeypatch.setattr(process.eventlet, "sleep", shop.sleep)
    monkeypatch.setattr(process, "serves", lambda _: True)
    return shop


def test_a_shop_that_reads_a_long_log_is_waited_for(monkeypatch):
    shop = starting(monkeypatch, speed=100)
    wait_until_ready(shop, GATEWAY)
    assert shop.now - shop.began > 5 * SECONDS_WITHOUT_PROGRESS


def test_a_shop_that_has_much_to_read_is_not_asked_all_the_time(monkeypatch):
    shop = starting(monkeypatch, speed=100)
    wait_until_ready(shop, GATEWAY)
    assert shop.asked < 5 * (shop.now - shop.began)


def test_a_shop_that_stands_still_is_given_up(monkeypatch):
    shop = starting(monkeypatch, speed=100, until=20_000)
    with pytest.raises(Refusal, match="Still waiting for: orders"):
        wait_until_ready(shop, GATEWAY)
    assert 200 + SECONDS_WITHOUT_PROGRESS < shop.now - shop.began < 210 + SECONDS_WITHOUT_PROGRESS


@pytest.mark.parametrize(
    ("complaint", "told"),
    [
        ("The first manager is not there yet.", "The first manager is not there yet."),
        ("", "Still waiting for: gateway."),
    ],
)
def test_a_gateway_that_is_not_ready_says_what_is_missing(monkeypatch, complaint, told):
    starting(monkeypatch, speed=HEAD)
    monkeypatch.setattr(process, "serves", lambda _: False)
    monkeypatch.setattr(process, "complaint_of", lambda _: complaint)

    with pytest.raises(Refusal, match=f"The shop did not become ready. {told}"):
        wait_until_ready(Complete(), GATEWAY)


class Complete:
    """A shop whose services are all there."""

    def call(self, _service: str, method: str) -> dict[str, object]:
        return {"head": HEAD, "refusal": None} if method in ("head", "health") else {"ready": True, "position": HEAD}
