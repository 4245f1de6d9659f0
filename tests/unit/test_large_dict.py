"""A dict that keeps little in memory is a dict all the same."""

from collections.abc import MutableMapping

from hypothesis import given
from hypothesis import strategies as st

from shop.audit.large import LargeDict

KEYS = st.integers(0, 11)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), KEYS, st.integers()),
        st.tuples(st.just("append"), KEYS, st.integers()),
        st.tuples(st.just("get"), KEYS),
        st.tuples(st.just("pop"), KEYS),
    ),
    max_size=60,
)


def take(dict_: MutableMapping[int, list[int]], step: tuple) -> object:
    match step:
        case ("put", key, number):
            dict_[key] = [number]
        case ("append", key, number):
            dict_.setdefault(key, []).append(number)
        case ("get", key):
            return list(dict_.get(key, [])), key in dict_
        case ("pop", key):
            return dict_.pop(key, None)
    return None


@given(STEPS, st.integers(1, 3))
def test_it_does_what_any_dict_does(steps, in_memory):
    large: LargeDict[int, list[int]] = LargeDict(in_memory)
    plain: dict[int, list[int]] = {}

    for step in steps:
        assert take(large, step) == take(plain, step)
        assert large.in_memory <= 2 * in_memory
        assert len(large) == len(plain)

    assert dict(large.each()) == plain
    assert dict(large) == plain


@given(STEPS, STEPS)
def test_keys_so_far_are_those_of_that_moment_that_are_still_there(before, after):
    large: LargeDict[int, list[int]] = LargeDict(2)
    for step in before:
        take(large, step)
    there = set(large)

    so_far = large.keys_so_far()
    for step in after:
        take(large, step)

    again = {step[1] for step in after if step[0] == "pop"}
    assert set(so_far) - again == there - again
