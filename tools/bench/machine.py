"""Resources that processes use, from /proc; each process with all its children."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

import psutil


def cpu_seconds(processes: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """Processor time used so far, by the name of each group of process ids."""
    return {name: sum(map(_cpu_seconds, _families(pids))) for name, pids in processes.items()}


def resident_megabytes(processes: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """Resident memory of these processes; shared pages count once per process."""
    return {name: sum(map(_megabytes, _families(pids))) for name, pids in processes.items()}


def kilobytes_written(processes: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """Kilobytes written to files so far, in pages that the kernel has to write to the disk."""
    return {name: sum(map(_kilobytes_written, _families(pids))) for name, pids in processes.items()}


def _families(pids: Iterable[int]) -> list[psutil.Process]:
    found = []
    for pid in pids:
        parent = psutil.Process(pid)
        found += [parent, *parent.children(recursive=True)]
    return found


def _cpu_seconds(process: psutil.Process) -> float:
    """The process's own time, and that of its children that have ended."""
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
