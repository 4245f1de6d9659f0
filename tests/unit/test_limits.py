"""The proof's limits: scaled by how fast the machine is, and told with how busy it was."""

import pytest

from tests.proof.support import limits, yardstick
from tests.support.stopwatch import Stopwatch


@pytest.fixture
def slow_machine(monkeypatch):
    """It takes twice as long for everything."""
    monkeypatch.setattr(limits, "scale", lambda: 2.0)


def test_a_fast_machine_has_the_limits_as_they_were_set(monkeypatch):
    assert yardstick.scale_of(0.1) == 1.0


def test_a_machine_of_half_the_speed_has_twice_as_long():
    assert yardstick.scale_of(2 * yardstick.SECONDS_WHERE_LIMITS_WERE_SET) == 2.0


def test_one_measurement_holds_for_all(monkeypatch):
    monkeypatch.setenv(yardstick.VARIABLE, "3.5")
    monkeypatch.setattr(yardstick, "measure", pytest.fail)

    assert yardstick.scale() == 3.5


def test_what_is_measured_takes_a_while_and_is_told():
    assert "limits are times 2.00" in yardstick.sentence(2 * yardstick.SECONDS_WHERE_LIMITS_WERE_SET)


def test_a_limit_that_is_kept_says_nothing(slow_machine):
    limits.require_within(10, 19.9, "to answer")


def test_a_missed_limit_is_told_with_the_load_of_the_machine(slow_machine):
    with pytest.raises(AssertionError) as failure:
        limits.require_within(10, 20.1, "to answer")

    told = str(failure.value)
    assert told.startswith("not within 10 s, 20.0 s on this machine: to answer (load ")
    assert "% busy" in told
    assert "it took 20.1 s" in told


def test_a_condition_that_does_not_come_true_in_time_is_told_with_its_last_answer(slow_machine):
    with pytest.raises(AssertionError, match=r"not within 0\.01 s, 0\.0 s on this machine: the moon; .* was 0 "):
        limits.wait_within(0.01, lambda: 0, "the moon")


def test_a_condition_that_comes_true_is_answered(slow_machine):
    assert limits.wait_within(10, lambda: 7, "seven") == 7


def test_what_is_left_of_a_limit_is_never_below_nothing(slow_machine):
    assert limits.left_of(0, Stopwatch()) == 0
