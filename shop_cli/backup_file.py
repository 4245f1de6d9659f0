"""The file that a log is backed up in: compressed lines of text that say by themselves whether they are whole.

The first line is JSON: what the copy is of. Then each commit has a line, its hash and the bytes that the hash is made
of, which name the hash before. The last line has the SHA-256 of all lines before it.
"""

import gzip
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from event_store_svc.domain import Link, Tail, fault_of
from event_store_svc.encoding import decode
from shop_cli.refusal import Refusal

GZIP = b"\x1f\x8b"
"""What each file in this format begins with (RFC 1952)."""

FORMAT = "nameko-shop log 1"


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a backup is of.

    Attributes:
        log: the log's id.
        head: its last position.
        checkpoints: how far each subscription had come.
        dead_letters: what they had set aside.
    """

    log: str
    head: int
    checkpoints: dict[str, int]
    dead_letters: list[dict[str, Any]]
    format: str = FORMAT


def write(path: Path, contents: Contents, links: Iterable[Link]) -> None:
    """Write the file whole or not at all; only its owner can read it, for the hashes of passwords are in it.

    Raises:
        Refusal: there is such a file already, or it cannot be written.
    """
    if path.exists():
        raise Refusal(f"{path} exists already. Choose another name.")
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
            _write_lines(raw, contents, links)
            raw.flush()
            os.fsync(raw.fileno())
        part.rename(path)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def read_contents(path: Path) -> Contents:
    """What the backup is of, once every line of it has been checked. Raises: Refusal."""
    for _ in read_links(path):
        pass
    with _opened(path) as lines:
        return _contents(path, lines.readline())


def read_links(path: Path) -> Iterator[Link]:
    """The commits, in order. Raises: Refusal, at the latest in the end, where the file is not as it was written."""
    digest = sha256()
    try:
        with _opened(path) as lines:
            digest.update(first := lines.readline())
            contents = _contents(path, first)
            tail = Tail.of_empty(contents.log)
            for _ in range(contents.head):
                digest.update(line := lines.readline())
                link = _link(line)
                if fault := fault_of(link, tail):
                    raise _damaged(path, fault)
                tail = link.tail
                yield link
            if lines.read().decode(errors="replace") != f"{digest.hexdigest()}\n":
                raise _damaged(path, "its last line is not the sum of those before")
    except (OSError, EOFError, TypeError, ValueError) as error:
        raise _damaged(path, str(error)) from error


def _write_lines(raw: BinaryIO, contents: Contents, links: Iterable[Link]) -> None:
    digest = sha256()
    with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6, mtime=0) as file:
        for line in _lines(contents, links):
            digest.update(line)
            file.write(line)
        file.write(f"{digest.hexdigest()}\n".encode())


def _lines(contents: Contents, links: Iterable[Link]) -> Iterator[bytes]:
    yield orjson.dumps(asdict(contents)) + b"\n"
    for link in links:
        yield link.commit["hash"].encode() + b" " + link.body + b"\n"


def _link(line: bytes) -> Link:
    commit_hash, _, body = line.rstrip(b"\n").partition(b" ")
    return decode(body, commit_hash.decode())


def _contents(path: Path, line: bytes) -> Contents:
    try:
        found = Contents(**orjson.loads(line))
    except (TypeError, ValueError):
        found = None
    if found is None or found.format != FORMAT:
        raise _no_backup(path)
    return found


def _opened(path: Path) -> gzip.GzipFile:
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(len(GZIP)) == GZIP
        if not is_packed:
            raise _no_backup(path)
        return gzip.GzipFile(path, "rb")
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}.") from error


def _no_backup(path: Path) -> Refusal:
    return Refusal(f"{path} is not a backup of a shop's log.")


def _damaged(path: Path, fault: str) -> Refusal:
    return Refusal(f"{path} is damaged: {fault}.")
