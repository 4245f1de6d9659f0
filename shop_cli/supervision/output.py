"""What all processes say, together: on the screen with a coloured name each, and in the log file as JSON."""

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
"""Events that each process writes and the supervisor tells once for all."""

NOT_SHOWN = {"at", "level", "event", "exception", "logger"}


@dataclass(frozen=True)
class Entry:
    """Something that a process said. `fields`: as it stands in a line of JSON."""

    level: str
    at: datetime
    event: str
    fields: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, line: bytes, now: datetime) -> "Entry":
        """From a line of output. What is no log line, such as the interpreter's last words, is a warning."""
        try:
            fields = orjson.loads(line)
            return cls(fields["level"], datetime.fromisoformat(fields["at"]), fields["event"], fields)
        except (ValueError, TypeError, KeyError):
            return cls("warning", now, line.decode(errors="replace").rstrip())

    def is_worth(self, level: str) -> bool:
        """Whether it is at least that important."""
        return self.level not in LEVELS or LEVELS.index(self.level) >= LEVELS.index(level)

    def as_json(self, name: str) -> str:
        """For the log file."""
        head = {"at": self.at.isoformat().replace("+00:00", "Z"), "level": self.level, "process": name}
        return orjson.dumps({**head, "event": self.event, **self.fields, **head}, default=str).decode()

    def as_lines(self) -> Iterator[str]:
        """For people: time, level, event, what belongs to it, and below that the traceback."""
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
        names: of all processes that will say something, by service.
        level: what is less important goes to the file alone.
    """

    def __init__(self, names: Sequence[Sequence[str]], file: Path, level: str) -> None:
        self._level = level
        self._prefixes = dict(_prefixes([[SUPERVISOR], *names]))
        self._coloured = sys.stdout.isatty()
        self._file = LogFile(file)
        self.broker_away = False
        """While it is, all processes complain about each other. That goes to the file alone."""

    def lines(self, name: str, lines: Sequence[bytes]) -> None:
        """Lines that a process has written."""
        now = datetime.now(UTC)
        entries = [Entry.of(line, now) for line in lines]
        self._file.write(entry.as_json(name) for entry in entries)
        level = "error" if self.broker_away else self._level
        shown = [entry for entry in entries if entry.is_worth(level) and entry.event not in TOLD_BY_US]
        self._show(name, [line for entry in shown for line in entry.as_lines()])

    def say(self, text: str, name: str = SUPERVISOR, level: str = "info") -> None:
        """Something that the supervisor has to tell, of a process or of all."""
        self._file.write([Entry(level, datetime.now(UTC), text).as_json(name)])
        self._show(name, [text])

    def show(self, text: str) -> None:
        """For the screen alone, as it is."""
        self._write(f"{text}\n")

    def close(self) -> None:
        self._file.close()

    def _show(self, name: str, lines: Sequence[str]) -> None:
        if lines:
            self._write("".join(f"{self._prefixes[name]} {line}\n" for line in lines))

    def _write(self, text: str) -> None:
        # A terminal that has gone does not stop the shop: that is for somebody to do.
        with contextlib.suppress(OSError):
            sys.stdout.write(text if self._coloured else click.unstyle(text))
            sys.stdout.flush()


class LogFile:
    """Lines of text in a file that is put aside when it has grown large. A full disk does not stop the shop."""

    def __init__(self, path: Path) -> None:
        # Its way to decide when to put a file aside, and to write, takes longer than all else that is done to a line.
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
    """For each name, what stands before its lines: the same width for all, the same colour for those of one service."""
    width = max(len(name) for group in names for name in group)
    coloured = zip(("bright_black", *(COLOURS * len(names))), names, strict=False)
    return [(name, click.style(f"{name:<{width}} |", fg=colour)) for colour, group in coloured for name in group]


def _short(value: object) -> str:
    return value if isinstance(value, str) and " " not in value and value else orjson.dumps(value, default=str).decode()
