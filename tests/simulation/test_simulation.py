"""Nothing is lost and nothing happens twice, whatever fails in between; and faults in the code would be found."""

import hashlib
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from tests.simulation.support.mutations import MUTATIONS
from tests.simulation.support.simulation import ORDERS, SeedFailed, simulate

ROOT = Path(__file__).parents[2]
SEEDS = 2_000
SEEDS_FOR_A_MUTATION = 300


@pytest.fixture
def quiet():
    """Services write a lot about what goes wrong."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


def simulate_all(seeds: range) -> None:
    for seed in seeds:
        simulate(seed)


def simulation(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What `make simulate` runs."""
    program = [sys.executable, "-W", "ignore", "-m", "tests.simulation", *arguments]
    return subprocess.run(program, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)


@pytest.mark.timeout(1800)
def test_nothing_is_lost_and_nothing_happens_twice():
    done = simulation(f"--seeds={SEEDS}")

    assert done.returncode == 0, done.stdout + done.stderr
    count = {name: int(number.replace(",", "")) for name, number in re.findall(r"(\w+) (\d[\d,]*)\b", done.stdout)}
    assert count["attempted"] == ORDERS * SEEDS
    assert count["lost"] == count["duplicated"] == 0
    assert count["ok"] == count["acknowledged"] > 0.7 * count["attempted"]
    assert min(count[danger] for danger in ("crash", "late", "loss", "outage", "stall", "wipe", "recovered")) > 100


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_fault_in_the_code_is_found(mutation, quiet):
    with MUTATIONS[mutation](), pytest.raises(SeedFailed):
        simulate_all(range(SEEDS_FOR_A_MUTATION))


@pytest.mark.timeout(300)
def test_a_failing_seed_is_told_and_replays_exactly():
    mutation = "--mutation=without_command_ids"

    found = simulation("--until-one-fails", "--seeds=20", "--processes=1", mutation)

    told = re.search(r"^seed (\d+): (.+)\n  to see it: make simulate SEED=\1$", found.stdout, re.MULTILINE)
    assert told, found.stdout + found.stderr
    assert found.returncode == 1
    replayed = simulation(f"--seed={told[1]}", mutation)
    assert replayed.returncode == 1
    assert replayed.stdout.splitlines()[-1] == f"seed {told[1]}: {told[2]}"


@pytest.mark.timeout(300)
def test_a_seed_does_the_same_in_any_process():
    """Also where sets of texts have another order."""
    runs = [simulation("--seed=13", PYTHONHASHSEED=hashing).stdout for hashing in ("1", "2")]

    assert "CRASHES" in runs[0]
    assert len({hashlib.sha256(run.encode()).hexdigest() for run in runs}) == 1
