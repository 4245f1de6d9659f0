"""Output of all processes, merged: on the screen with a coloured name each, in the log file as JSON."""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import click
import orjson

from shop.service.logs import FILE_SIZE, LEVELS, OLD_FILES

SUPERVISOR = "shop"
COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "bright_cyan", "bright_green", "bright_magenta")
LEVEL_COLOURS = {"warning": "yellow", "error": "red", "critical": "red"}

TOLD_BY_US = {"broker does not answer", "broker is back", "connected again"}
"""Log events that each process writes and the supervisor reports once for all."""

NOT_SHOWN = {"at", "level", "event", "exception", "logger"}


@dataclass(frozen=True)
class Entry:
    """A log entry of a process. `fields`: its line of JSON, parsed."""

    level: str
    at: datetime
    event: str
    fields: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, line: bytes, now: datetime) -> "Entry":
        """Parse a line of output. One that is no log entry, such as a crash of the interpreter, becomes a warning."""
        try:
            fields = orjson.loads(line)
            return cls(fields["level"], datetime.fromisoformat(fields["at"]), fields["event"], fields)
        except (ValueError, TypeError, KeyError):
            return cls("warning", now, line.decode(errors="replace").rstrip())

    def is_worth(self, level: str) -> bool:
        """Whether the entry is at least that important."""
        return self.level not in LEVELS or LEVELS.index(self.level) >= LEVELS.index(level)

    def as_json(self, name: str) -> str:
        """A line for the log file."""
        head = {"at": self.at.isoformat().replace("+00:00", "Z"), "level": self.level, "process": name}
        return orjson.dumps({**head, "event": self.event, **self.fields, **head}, default=str).decode()

    def as_lines(self) -> Iterator[str]:
        """Lines for the screen: time, level, event, fields, and the traceback below."""
        told = [f"{self.at.astimezone():%H:%M:%S}"]
        if self.level in LEVEL_COLOURS:
            told.append(click.style(self.level, fg=LEVEL_COLOURS[self.level]))
        told.append(self.event)
        told += [f"{key}={_short(value)}" for key, value in self.fields.items() if key not in NOT_SHOWN]
        yield " ".join(told)
        yield from str(self.fields.get("exception", "")).splitlines()


class Output:
    """The screen and the log file.

    Args:
        names: of all processes with output, by service.
        level: less important entries go to the file alone.
    """

    def __init__(self, names: Sequence[Sequence[str]], file: Path, level: str) -> None:
        self._level = level
        self._prefixes = dict(_prefixes([[SUPERVISOR], *names]))
        self._coloured = sys.stdout.isatty()
        self._file = LogFile(file)
        self.broker_away = False
        """While the broker is down, all processes complain about each other. That goes to the file alone."""

    def lines(self, name: str, lines: Sequence[bytes]) -> None:
        """Show lines that a process has written."""
        now = datetime.now(UTC)
        entries = [Entry.of(line, now) for line in lines]
        self._file.write(entry.as_json(name) for entry in entries)
        level = "error" if self.broker_away else self._level
        shown = [entry for entry in entries if entry.is_worth(level) and entry.event not in TOLD_BY_US]
        self._show(name, [line for entry in shown for line in entry.as_lines()])

    def say(self, text: str, name: str = SUPERVISOR, level: str = "info") -> None:
        """Show a message of the supervisor about a process or about all."""
        self._file.write([Entry(level, datetime.now(UTC), text).as_json(name)])
        self._show(name, [text])

    def show(self, text: str) -> None:
        """Print text on the screen alone, unchanged."""
        self._write(f"{text}\n")

    def close(self) -> None:
        self._file.close()

    def _show(self, name: str, lines: Sequence[str]) -> None:
        if lines:
            self._write("".join(f"{self._prefixes[name]} {line}\n" for line in lines))

    def _write(self, text: str) -> None:
        # A closed terminal does not stop the shop: stopping takes a request.
        with contextlib.suppress(OSError):
            sys.stdout.write(text if self._coloured else click.unstyle(text))
            sys.stdout.flush()


class LogFile:
    """A log file that rotates by size. A full disk does not stop the shop."""

    def __init__(self, path: Path) -> None:
        # The handler's check for rotation and its write take longer than everything else done to a line.
        self._files = RotatingFileHandler(path, backupCount=OLD_FILES, encoding="utf-8")
        self._size = path.stat().st_size

    def write(self, lines: Iterator[str] | Sequence[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        with contextlib.suppress(OSError):
            stream: Any = self._files.stream
            stream.write(text)
            stream.flush()
            self._size += len(text)
            if self._size > FILE_SIZE:
                self._files.doRollover()
                self._size = 0

    def close(self) -> None:
        self._files.close()


def _prefixes(names: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """For each name, its prefix and style: the same width for all, the same colour for the processes of a service."""
    width = max(len(name) for group in names for name in group)
    coloured = zip(("bright_black", *(COLOURS * len(names))), names, strict=False)
    return [(name, click.style(f"{name:<{width}} |", fg=colour)) for colour, group in coloured for name in group]


def _short(value: object) -> str:
    return value if isinstance(value, str) and " " not in value and value else orjson.dumps(value, default=str).decode()
