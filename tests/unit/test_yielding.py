"""How long a follower of the log gives way to others."""

import pytest

from shop.event_sourcing.yielding import LONGEST, ROUNDS, Yielding


class Busy:
    """A process whose hub takes so long to come round; it notes for how long somebody sleeps besides."""

    def __init__(self) -> None:
        self.time = 0.0
        self.round = 0.0
        self.slept = 0.0

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds + self.round
        self.slept += seconds


@pytest.fixture
def process() -> Busy:
    return Busy()


def slept(process: Busy, rounds: list[float]) -> float:
    """For how long one sleeps, who finds the process like this, one time after the other."""
    yielding = Yielding(process)
    for process.round in rounds:
        process.slept = 0.0
        yielding.give_way()
    return process.slept


def test_in_an_idle_process_nobody_waits(process: Busy) -> None:
    assert slept(process, [0.0] * 5) == 0.0


def test_in_a_busy_process_one_waits_for_as_many_rounds(process: Busy) -> None:
    assert slept(process, [0.0002] * 3) == pytest.approx(ROUNDS * 0.0002)


def test_one_long_round_does_not_make_a_process_busy(process: Busy) -> None:
    assert slept(process, [0.0, 0.0, 0.05]) == 0.0
    assert slept(process, [0.05, 0.05, 0.0]) == 0.0


def test_nobody_waits_for_long(process: Busy) -> None:
    assert slept(process, [1.0] * 3) == LONGEST
