"""A greenlet that wants a key that another one has locked waits for it."""

import eventlet
from eventlet.event import Event

from shop.event_sourcing.keyed_lock import KeyedLock
from tests.support.waiting import let_others_run


def test_everybody_gets_a_turn_in_the_order_in_which_they_came() -> None:
    turns, seen, inside = KeyedLock(), [], []

    def take(number: int) -> None:
        with turns.at("tea"):
            inside.append(number)
            assert len(inside) == 1
            let_others_run()
            seen.append(inside.pop())

    pool = eventlet.GreenPool()
    for number in range(10):
        pool.spawn(take, number)
    pool.waitall()

    assert seen == list(range(10))


def test_other_names_do_not_wait() -> None:
    turns = KeyedLock()

    with turns.at("tea"), turns.at("cups"):
        pass


def test_who_is_killed_or_fails_leaves_the_queue() -> None:
    turns, go_on, seen = KeyedLock(), Event(), []

    def hold() -> None:
        with turns.at("tea"):
            go_on.wait()

    def take(number: int) -> None:
        with turns.at("tea"):
            seen.append(number)

    holder = eventlet.spawn(hold)
    waiting = [eventlet.spawn(take, number) for number in range(3)]
    let_others_run()
    waiting[1].kill()
    holder.kill()
    for thread in (waiting[0], waiting[2]):
        thread.wait()

    assert seen == [0, 2]
