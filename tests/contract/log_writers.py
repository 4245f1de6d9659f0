"""Processes that append to a log until somebody kills them: `python -m tests.contract.log_writers <url> <folder>`.

Each line on the standard input, a writer's number, forks a process from one that has everything imported; its id is
the answer. What a writer was told to be recorded, it notes in the folder.
"""

import os
import random
import signal
import sys
from pathlib import Path

import eventlet

eventlet.monkey_patch()

from event_store_svc.sql import SqlStore
from shop.contracts.errors import ServiceUnavailable, WrongExpectedVersion
from tests.contract.log_builders import RunningLog, commit

SHARED = "shared"


class LogWriter:
    """Appends to a stream of its own and to one that all share, moving a checkpoint by each commit of its own stream.

    Args:
        name: of its stream and its checkpoint.
        notes: the file for the ids of commands that were answered.
    """

    def __init__(self, url: str, name: str, notes: Path):
        store = SqlStore(url)
        store.open()
        self._log = RunningLog(store)
        self._name = name
        self._notes = notes
        eventlet.spawn(self._log.writer.run)

    def append_forever(self):
        while True:
            try:
                random.choice([self._append, self._append_many])()
            except (WrongExpectedVersion, ServiceUnavailable):
                continue

    def _append(self):
        sent = commit({SHARED: self._version(SHARED)}, command_id=self._new_id())
        self._log.append(sent)
        self._note([sent])

    def _append_many(self):
        version = self._version(self._name)
        sent = [commit({self._name: version + n}, command_id=self._new_id()) for n in range(random.randint(1, 5))]
        self._log.append_many(sent, [self._name, version, version + len(sent)])
        self._note(sent)

    def _version(self, stream: str) -> int:
        return self._log.read_streams([(stream, 10**9)])["streams"][stream]["version"]

    def _new_id(self) -> str:
        return f"{self._name}-{os.getpid()}-{os.urandom(8).hex()}"

    def _note(self, answered):
        with self._notes.open("a") as file:
            file.write("".join(f"{sent['command_id']}\n" for sent in answered))


def main(url: str, folder: Path):
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
