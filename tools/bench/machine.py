"""What processes use of the machine, from /proc: each with all its children."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

import psutil


def cpu_seconds(processes: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """Processor time used so far, by the names that the process ids are given."""
    return {name: sum(map(_cpu_seconds, _families(pids))) for name, pids in processes.items()}


def resident_megabytes(processes: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """Memory at hand for these processes, what they share counted once each time."""
    return {name: sum(map(_megabytes, _families(pids))) for name, pids in processes.items()}


def kilobytes_written(processes: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """To files so far, in pages that the machine has to bring to the disk."""
    return {name: sum(map(_kilobytes_written, _families(pids))) for name, pids in processes.items()}


def _families(pids: Iterable[int]) -> list[psutil.Process]:
    found = []
    for pid in pids:
        parent = psutil.Process(pid)
        found += [parent, *parent.children(recursive=True)]
    return found


def _cpu_seconds(process: psutil.Process) -> float:
    """Its own, and that of children that have ended."""
    with suppress(psutil.Error):
        used = process.cpu_times()
        return used.user + used.system + used.children_user + used.children_system
    return 0.0


def _kilobytes_written(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        return process.io_counters().write_bytes / 1e3
    return 0.0


def _megabytes(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        return process.memory_info().rss / 1e6
    return 0.0
