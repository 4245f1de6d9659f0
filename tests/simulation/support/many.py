"""Many seeds, in several processes."""

import gc
import logging
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field

import structlog

from tests.simulation.support.mutations import MUTATIONS
from tests.simulation.support.simulation import Report, SeedFailed, simulate

AT_ONCE = 20
"""Seeds that a process does before it says how they went."""


FOR_GOOD = ExitStack()
"""Keeps a mutation in the code as long as the process lives."""


@dataclass(frozen=True)
class Outcome:
    """How some seeds went."""

    report: Report = field(default_factory=Report)
    failures: list[SeedFailed] = field(default_factory=list)


def prepare(mutation: str | None) -> None:
    """Silence what services write to their logs, for the trace tells it better; put the fault in for good."""
    silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=silent, cache_logger_on_first_use=True)
    _collect_garbage_seldom()
    if mutation:
        FOR_GOOD.enter_context(MUTATIONS[mutation]())


def in_parallel(seeds: range, *, processes: int, mutation: str | None) -> Iterator[Outcome]:
    """How parts of them went, as they are done; the rest is dropped when nobody asks on."""
    parts = [seeds[first : first + AT_ONCE] for first in range(0, len(seeds), AT_ONCE)]
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawning, prepare, (mutation,)) as pool:
        try:
            for done in as_completed([pool.submit(one_after_the_other, part) for part in parts]):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def one_after_the_other(seeds: range) -> Outcome:
    """How these went."""
    total, failures = Report(), []
    for seed in seeds:
        try:
            total += simulate(seed)
        except SeedFailed as failure:
            failures.append(failure)
    return Outcome(total, failures)


def _collect_garbage_seldom() -> None:
    """A seed leaves few circles behind, so looking for them as often as Python does takes a tenth of the time."""
    gc.freeze()
    gc.set_threshold(20_000)
