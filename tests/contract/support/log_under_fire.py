"""Eight processes write to one log and are killed at random, while somebody follows its tail."""

import os
import random
import signal
import subprocess
import sys
from collections import defaultdict
from itertools import chain
from pathlib import Path

from tests.contract.support.log_builders import running_log
from tests.contract.support.log_writers import MOST_AT_ONCE
from tests.support.waiting import wait_for_exit, wait_until

WRITERS = 8
ROOT = Path(__file__).parents[3]


class Writers:
    """Keeps a number of writing processes running."""

    def __init__(self, url, folder):
        command = [sys.executable, "-W", "ignore", "-m", "tests.contract.support.log_writers", url, str(folder)]
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
        wait_for_exit(self._parent, "the writers' parent")
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


class Notes:
    """The commits that the writers were told to be recorded."""

    def __init__(self, folder):
        self._folder = folder
        self._seen = 0

    def read(self):
        return set(chain.from_iterable(notes.read_text().split() for notes in self._folder.glob("writer-*")))

    def wait_for_more(self):
        """However slow the database is, something happens between two kills: now less, now more."""
        wanted = self._seen + random.randint(1, 20)
        wait_until(lambda: len(self.read()) >= wanted, "what the writers write")
        self._seen = len(self.read())


def assert_killed_writers_leave_no_gap_and_lose_nothing_that_was_answered(database, folder, *, kills):
    """Kill so many, one after the other, each while something is being written."""
    with running_log(database.store()) as log:
        follower = Follower(log)
        writers = Writers(database.url, folder)
        notes = Notes(folder)
        try:
            while writers.killed < kills:
                notes.wait_for_more()
                writers.replace_one()
                follower.follow()
        finally:
            writers.end()
        answered = notes.read()
        while follower.seen[-1]["position"] < log.head()["head"]:
            follower.follow()

        seen = follower.seen
        ids = [commit["command_id"] for commit in seen]
        assert len(answered) >= kills
        assert [commit["position"] for commit in seen] == list(range(1, log.head()["head"] + 1))
        assert len(set(ids)) == len(ids)
        assert answered <= set(ids)
        assert log.verify() == {"ok": True, "position": len(seen), "detail": "every commit follows the one before"}
        assert_streams_and_checkpoints_agree(log, seen, at_once=database.has_transactions)


def assert_streams_and_checkpoints_agree(log, seen, *, at_once):
    """Versions count from 1 in each stream. Each writer's checkpoint moved with its commits, or after them."""
    versions = defaultdict(list)
    for event in chain.from_iterable(commit["events"] for commit in seen):
        versions[event["stream"]].append(event["version"])
    assert {stream: list(range(1, len(those) + 1)) for stream, those in versions.items()} == versions
    for name in (f"writer-{number}" for number in range(WRITERS)):
        behind = len(versions[name]) - log.checkpoint(name)["position"]
        assert 0 <= behind <= (0 if at_once else MOST_AT_ONCE)
