"""Eight processes write to one log and are killed at random, while somebody follows its tail."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from itertools import chain
from pathlib import Path

import eventlet
import pytest

from tests.contract.log_builders import running_log
from tests.contract.log_databases import DATABASES

WRITERS = 8
SECONDS = 8.0
ROOT = Path(__file__).parents[2]


@pytest.fixture(params=DATABASES)
def database(request, tmp_path):
    database = request.param(tmp_path)
    yield database
    database.drop()


class Writers:
    """Keeps a number of writing processes running."""

    def __init__(self, url, folder):
        command = [sys.executable, "-W", "ignore", "-m", "tests.contract.log_writers", url, str(folder)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._parent = subprocess.Popen(command, cwd=ROOT, text=True, bufsize=1, **pipes)
        self._pids = [self._start(number) for number in range(WRITERS)]
        self.killed = 0

    def replace_one(self):
        """Kill one, whatever it is doing, and start it again."""
        number = random.randrange(WRITERS)
        os.kill(self._pids[number], signal.SIGKILL)
        self.killed += 1
        self._pids[number] = self._start(number)

    def end(self):
        for pid in self._pids:
            os.kill(pid, signal.SIGKILL)
        self._parent.stdin.close()
        self._parent.wait(timeout=10)
        self._parent.stdout.close()

    def _start(self, number):
        self._parent.stdin.write(f"{number}\n")
        return int(self._parent.stdout.readline())


class Follower:
    """Reads what is new in the log, over and over."""

    def __init__(self, log):
        self._log = log
        self.seen = []

    def follow(self):
        page = self._log.read_all(self.seen[-1]["position"] if self.seen else 0)
        self.seen += page["commits"]


@pytest.mark.timeout(60)
def test_killed_writers_leave_no_gap_and_lose_nothing_that_was_answered(database, tmp_path):
    with running_log(database.store()) as log:
        follower = Follower(log)
        writers = Writers(database.url, tmp_path)
        end = time.monotonic() + SECONDS
        try:
            while time.monotonic() < end:
                eventlet.sleep(random.uniform(0.01, 0.2))
                writers.replace_one()
                follower.follow()
        finally:
            writers.end()
        answered = set(chain.from_iterable(notes.read_text().split() for notes in tmp_path.glob("writer-*")))
        while follower.seen[-1]["position"] < log.head()["head"]:
            follower.follow()

        seen = follower.seen
        ids = [commit["command_id"] for commit in seen]
        assert writers.killed > 20
        assert len(answered) > 100
        assert [commit["position"] for commit in seen] == list(range(1, log.head()["head"] + 1))
        assert len(set(ids)) == len(ids)
        assert answered <= set(ids)
        assert log.verify() == {"ok": True, "position": len(seen), "detail": "every commit follows the one before"}
        assert_streams_and_checkpoints_agree(log, seen)


def assert_streams_and_checkpoints_agree(log, seen):
    """Versions count from 1 in each stream, and each writer's checkpoint moved with its commits and never without."""
    versions = defaultdict(list)
    for event in chain.from_iterable(commit["events"] for commit in seen):
        versions[event["stream"]].append(event["version"])
    assert {stream: list(range(1, len(those) + 1)) for stream, those in versions.items()} == versions
    writers = [f"writer-{number}" for number in range(WRITERS)]
    assert {name: log.checkpoint(name)["position"] for name in writers} == {
        name: len(versions[name]) for name in writers
    }
