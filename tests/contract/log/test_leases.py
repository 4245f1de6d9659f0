"""Leases: one holder at a time, by the clock of the log."""


def test_a_lease_has_one_holder(log):
    assert log.lease("orders", "one", 5)["held"] is True
    assert log.lease("orders", "two", 5) | {"log": ""} == {
        "held": False,
        "holder": "one",
        "retrying": [],
        "log": "",
        "head": 0,
    }
    assert log.lease("products", "two", 5)["held"] is True


def test_a_lease_is_kept_by_asking_again(log, clock):
    log.lease("orders", "one", 5)
    clock.turn(seconds=4)
    log.lease("orders", "one", 5)
    clock.turn(seconds=4)

    assert log.lease("orders", "two", 5)["holder"] == "one"


def test_a_lease_ends_by_the_clock_of_the_log(log, clock):
    log.lease("orders", "one", 5)
    clock.turn(seconds=5)

    assert log.lease("orders", "two", 5)["holder"] == "two"
    assert log.lease("orders", "one", 5)["held"] is False


def test_a_lease_ends_when_its_holder_says_so(log):
    log.lease("orders", "one", 5)
    log.release_lease("orders", "two")
    assert log.lease("orders", "two", 5)["held"] is False

    log.release_lease("orders", "one")

    assert log.lease("orders", "two", 5)["held"] is True


def test_a_clock_that_was_set_back_does_not_leave_a_lease_with_a_dead_holder(log, clock):
    log.lease("orders", "one", 5)
    clock.turn(hours=-1)

    assert log.lease("orders", "two", 5)["holder"] == "two"
