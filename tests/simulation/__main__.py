"""Run many seeds, or tell everything about one."""

import argparse
import sys
import time

from tests.simulation.support.many import in_parallel, prepare
from tests.simulation.support.mutations import MUTATIONS
from tests.simulation.support.simulation import Report, SeedFailed, simulate

SECONDS_BETWEEN_LINES = 10.0


def main() -> int:
    """Exit code 1 where a seed fails."""
    options = _options()
    if options.seed is None:
        return run(options)
    prepare(options.mutation)
    return replay(options.seed)


def replay(seed: int) -> int:
    """Print what happens in this one."""
    try:
        print(simulate(seed, print))
    except SeedFailed as failure:
        print(failure)
        return 1
    return 0


def run(options: argparse.Namespace) -> int:
    """Print how the seeds went, and those that failed."""
    started = told = time.monotonic()
    total, failed = Report(), 0
    seeds = range(options.first, options.first + options.seeds)
    for outcome in in_parallel(seeds, processes=options.processes, mutation=options.mutation):
        total += outcome.report
        failed += len(outcome.failures)
        for failure in outcome.failures:
            print(f"{failure}\n  to see it: make simulate SEED={failure.seed}", flush=True)
        if failed and options.until_one_fails:
            break
        if time.monotonic() - told > SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            print(f"{total.seeds + failed:,} of {len(seeds):,} seeds, {failed} failed", flush=True)
    print(f"{time.monotonic() - started:.0f} s, {failed} failed\n{total}")
    return int(failed > 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2_000, help="how many to run")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--processes", type=int, default=2, help="that share the work")
    parser.add_argument("--until-one-fails", action="store_true", help="and no longer")
    parser.add_argument("--mutation", choices=MUTATIONS, help="a fault to put into the code")
    parser.add_argument("--seed", type=int, help="run only this one, and tell all that happens")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
