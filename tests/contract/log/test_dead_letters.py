"""Dead letters: events set aside, retried and settled."""

import pytest

from shop.contracts.errors import InvalidRequest, UnknownDeadLetter


def letter(position, correlation_id="order-1", reaction="reserve", **more):
    return {
        "position": position,
        "correlation_id": correlation_id,
        "reaction": reaction,
        "error": "KeyError: 'x'",
        "attempts": 6,
        **more,
    }


def states(log, subscription=None):
    return [(kept["position"], kept["state"]) for kept in log.dead_letters(subscription)]


def test_letters_are_listed_by_position(log):
    log.set_aside("orders", [letter(7), letter(3, "order-2")])
    log.set_aside("products", [letter(5)])

    kept = log.dead_letters("orders")

    assert [one["position"] for one in kept] == [3, 7]
    assert kept[1] == {
        **letter(7),
        "id": kept[1]["id"],
        "subscription": "orders",
        "at": "2026-11-23T09:30:00.000Z",
        "state": "set_aside",
    }
    assert [one["position"] for one in log.dead_letters()] == [3, 5, 7]


def test_a_letter_that_comes_twice_is_one_and_stays_as_it_is(log):
    log.set_aside("orders", [letter(3)])
    log.retry_dead_letter(log.dead_letters()[0]["id"])

    log.set_aside("orders", [letter(3), letter(3, error="waits", attempts=0)])

    (kept,) = log.dead_letters()
    assert (kept["error"], kept["attempts"], kept["state"]) == ("KeyError: 'x'", 6, "retrying")


def test_a_letter_with_more_attempts_has_failed_again(log):
    log.set_aside("orders", [letter(3)])
    log.set_aside("orders", [letter(3, error="another", attempts=7), letter(3, reaction="release")])

    kept = log.dead_letters()

    assert [(one["reaction"], one["error"], one["attempts"]) for one in kept] == [
        ("reserve", "another", 7),
        ("release", "KeyError: 'x'", 6),
    ]


def test_a_retry_takes_all_letters_of_its_correlation_id(log):
    log.set_aside("orders", [letter(3), letter(4), letter(5, "order-2")])
    log.set_aside("products", [letter(3)])
    (chosen, *_) = log.dead_letters("orders")

    log.retry_dead_letter(chosen["id"])

    assert states(log, "orders") == [(3, "retrying"), (4, "retrying"), (5, "set_aside")]
    assert states(log, "products") == [(3, "set_aside")]
    assert log.lease("orders", "one", 5)["retrying"] == ["order-1"]
    assert log.lease("products", "one", 5)["retrying"] == []


def test_a_letter_that_fails_again_ends_the_retry(log):
    log.set_aside("orders", [letter(3), letter(4)])
    log.retry_dead_letter(log.dead_letters()[0]["id"])

    log.set_aside("orders", [letter(3, attempts=7)])

    assert states(log) == [(3, "set_aside"), (4, "set_aside")]


def test_a_new_letter_waits_with_those_that_are_retried(log):
    log.set_aside("orders", [letter(3)])
    log.retry_dead_letter(log.dead_letters()[0]["id"])

    log.set_aside("orders", [letter(8)])

    assert states(log) == [(3, "retrying"), (8, "retrying")]


def test_settled_letters_are_gone(log):
    log.set_aside("orders", [letter(3), letter(4), letter(5, "order-2"), letter(6)])

    log.settle("orders", "order-1", 4)

    assert [kept["position"] for kept in log.dead_letters()] == [5, 6]


@pytest.mark.parametrize("letter_id", [99, "99", "nonsense", "", -1, 2**70, None])
def test_a_letter_that_is_not_there_cannot_be_retried(log, letter_id):
    with pytest.raises(UnknownDeadLetter):
        log.retry_dead_letter(letter_id)


def test_a_letter_is_also_known_by_its_number_as_text(log):
    log.set_aside("orders", [letter(3)])

    log.retry_dead_letter(str(log.dead_letters()[0]["id"]))

    assert states(log) == [(3, "retrying")]


def test_nothing_that_an_error_says_keeps_its_event_from_being_set_aside(log):
    log.set_aside("orders", [letter(3, error="NUL \0, surrogate \ud800, " + "long" * 10_000)])

    (kept,) = log.dead_letters()

    assert kept["error"].startswith("NUL \ufffd, surrogate ?, long")
    assert len(kept["error"]) == 10_000


@pytest.mark.parametrize("broken", [None, [{}], [letter(-1)], [letter(1, unknown=1)]])
def test_malformed_letters_are_refused(log, broken):
    with pytest.raises(InvalidRequest):
        log.set_aside("orders", broken)
