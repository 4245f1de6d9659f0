"""Nothing is lost and nothing happens twice, whatever fails in between: in two thousand simulated shops."""

import pytest

from tests.simulation.support.command import counts_in, run_simulation
from tests.simulation.support.simulation import ORDERS

DANGERS = ("crash", "late", "loss", "outage", "stall", "wipe", "recovered")
SEEDS, AT_ONCE = 2_000, 500


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_nothing_is_lost_and_nothing_happens_twice(first):
    done = run_simulation(f"--first={first}", f"--seeds={AT_ONCE}")

    assert done.returncode == 0, done.stdout + done.stderr
    count = counts_in(done.stdout)
    assert count["attempted"] == ORDERS * AT_ONCE
    assert count["lost"] == count["duplicated"] == 0
    assert count["ok"] == count["acknowledged"] > 0.7 * count["attempted"]
    assert min(count[danger] for danger in DANGERS) > 25
