"""How soon a shop in one process is there."""

from tests.proof.support.limits import within

SECONDS_TO_START = 10


def test_a_new_shop_is_ready_soon(make_shop):
    shop = make_shop()

    with within(SECONDS_TO_START, "to start a new shop"):
        shop.start()

    assert shop.visitor().read("/readyz")["ready"]
