"""A request that is sent slowly is given up after a while, and holds up no other."""

from collections.abc import Iterator

import eventlet
import pytest

from tests.proof.support.limits import let_pass, require_within, within
from tests.support.waiting import let_others_run
from tests.system.support.refusals import exchange, refused_as
from tests.system.support.stage import Stage

SECONDS_FOR_A_PAGE = 2
SECONDS_MEANWHILE = 8
"""In which the slow ones are still there."""


@pytest.fixture
def stage(make_shop) -> Stage:
    return Stage(make_shop().start())


def dripping(number: int) -> Iterator[bytes]:
    """A body that comes byte by byte."""
    for _ in range(number):
        yield b" "
        let_pass(0.5)


def drip(stage, write):
    return exchange(stage.shop, stage.head_of(write, b"Content-Length: 1000\r\n"), rest=dripping(1000))


def test_slow_requests_are_given_up_and_hold_nobody_up(stage):
    slow = [eventlet.spawn(drip, stage, write) for write in stage.writes.values()]
    slow += [eventlet.spawn(stage.raw, write, b"Content-Length: 99\r\n", b"{") for write in stage.writes.values()]
    slow += [eventlet.spawn(exchange, stage.shop, head) for head in (b"GET", b"GET /v1/products HTTP/1.1\r\nHost: sh")]
    let_others_run(20)

    with within(SECONDS_MEANWHILE, "to answer others"):
        others = [stage.clients["visitor"].request("GET", "/v1/products").elapsed.total_seconds() for _ in range(50)]
        stage.facts()
    answers = dict(enumerate(thread.wait() for thread in slow))

    require_within(SECONDS_FOR_A_PAGE, max(others), "a page of products")
    assert refused_as(408, answers) == {}
