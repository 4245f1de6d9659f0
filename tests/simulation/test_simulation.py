"""Nothing is lost and nothing happens twice, whatever fails in between; and faults in the code would be found.

`tests/proof` simulates many more shops.
"""

import hashlib
import logging
import re
from collections.abc import Iterable

import pytest
import structlog

from tests.simulation.support.command import run_simulation
from tests.simulation.support.many import one_after_the_other
from tests.simulation.support.mutations import MUTATIONS
from tests.simulation.support.simulation import ORDERS, SeedFailed, simulate

SEEDS = 60
SEEDS_FOR_A_MUTATION = 300
REVEALED_BY = {
    "without_the_version_check": 1,
    "without_command_ids": 3,
    "with_nothing_to_do_decided_on_a_stale_read": 99,
    "with_the_checkpoint_moved_before_the_append": 6,
    "with_later_commits_kept_after_one_failed": 4,
}
"""The first seed that reveals each. It is tried before others: another change of the code may make it another one."""


@pytest.fixture
def quiet():
    """Services write a lot about what goes wrong."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


def simulate_all(seeds: Iterable[int]) -> None:
    for seed in seeds:
        simulate(seed)


def test_nothing_is_lost_and_nothing_happens_twice(quiet):
    outcome = one_after_the_other(range(SEEDS))

    assert outcome.failures == []
    report = outcome.report
    assert report.attempted == ORDERS * SEEDS
    assert report.lost == report.duplicated == 0
    assert report.ok == report.acknowledged > 0.7 * report.attempted
    assert min(report.dangers[danger] for danger in ("crash", "late", "loss", "outage", "stall", "wipe")) > 0


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_fault_in_the_code_is_found(mutation, quiet):
    with MUTATIONS[mutation](), pytest.raises(SeedFailed):
        simulate_all([REVEALED_BY[mutation], *range(SEEDS_FOR_A_MUTATION)])


def test_a_failing_seed_is_told_and_replays_exactly():
    mutation = "--mutation=without_command_ids"
    first = REVEALED_BY["without_command_ids"]

    found = run_simulation("--until-one-fails", f"--first={first}", "--seeds=20", "--processes=1", mutation)

    told = re.search(r"^seed (\d+): (.+)\n  to see it: make simulate SEED=\1$", found.stdout, re.MULTILINE)
    assert told, found.stdout + found.stderr
    assert found.returncode == 1
    replayed = run_simulation(f"--seed={told[1]}", mutation)
    assert replayed.returncode == 1
    assert replayed.stdout.splitlines()[-1] == f"seed {told[1]}: {told[2]}"


def test_a_seed_does_the_same_in_any_process():
    """Also where sets of texts have another order."""
    runs = [run_simulation("--seed=13", PYTHONHASHSEED=hashing).stdout for hashing in ("1", "2")]

    assert "CRASHES" in runs[0]
    assert len({hashlib.sha256(run.encode()).hexdigest() for run in runs}) == 1
