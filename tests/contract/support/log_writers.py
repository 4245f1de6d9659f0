"""Processes that append to a log until they are killed: `python -m tests.contract.support.log_writers <url> <folder>`.

Each line on the standard input, a writer's number, forks a process from one that has everything imported; its id is
the answer. A writer notes in the folder which commits it was told to be recorded.
"""

import os
import random
import signal
import sys
from pathlib import Path

import eventlet

eventlet.monkey_patch()

import structlog

from shop.contracts.errors import CheckpointMoved, ServiceUnavailable, WrongExpectedVersion
from tests.contract.support.log_builders import RunningLog, commit
from tests.contract.support.log_databases import store_on

SHARED = "shared"
MOST_AT_ONCE = 5


class LogWriter:
    """Appends to a stream of its own and to one that all share. A checkpoint tells how far its own stream has come.

    Args:
        name: of its stream and its checkpoint.
        notes: the file for the ids of commands that were answered.
    """

    def __init__(self, url: str, name: str, notes: Path):
        store = store_on(url)
        store.open()
        self._log = RunningLog(store)
        self._name = name
        self._notes = notes
        eventlet.spawn(self._log.writer.run)

    def append_forever(self):
        while True:
            try:
                random.choice([self._append, self._append_many])()
            except (WrongExpectedVersion, ServiceUnavailable, CheckpointMoved):
                continue

    def _append(self):
        sent = commit({SHARED: self._version(SHARED)}, command_id=self._new_id())
        self._log.append(sent)
        self._note([sent])

    def _append_many(self):
        """As reactions do it: a writer that died after some commits and before the checkpoint sends the same again."""
        done, version = self._log.checkpoint(self._name)["position"], self._version(self._name)
        end = version if version > done else done + random.randint(1, MOST_AT_ONCE)
        sent = [commit({self._name: n}, command_id=f"{self._name}-{n}") for n in range(done, end)]
        answer = self._log.append_many(sent, [self._name, done, end])
        if answer["checkpoint_moved"]:
            self._note(sent)

    def _version(self, stream: str) -> int:
        return self._log.read_streams([(stream, 10**9)])["streams"][stream]["version"]

    def _new_id(self) -> str:
        return f"{self._name}-{os.getpid()}-{os.urandom(8).hex()}"

    def _note(self, answered):
        with self._notes.open("a") as file:
            file.write("".join(f"{sent['command_id']}\n" for sent in answered))


def main(url: str, folder: Path):
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        name = f"writer-{line.strip()}"
        if pid := os.fork():
            sys.stdout.write(f"{pid}\n")
            sys.stdout.flush()
        else:
            sys.stdin.close()
            LogWriter(url, name, folder / name).append_forever()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
