"""File format of a backup: compressed lines of text, protected by a hash chain and a checksum.

The first line is JSON with the contents. Each commit has a line: its hash and the bytes that the hash is made of, which
name the previous hash. The last line has the SHA-256 of all lines before it.
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
"""Magic number of gzip (RFC 1952): the first bytes of every backup."""

FORMAT = "nameko-shop log 1"


@dataclass(frozen=True, kw_only=True)
class Contents:
    """Contents of a backup, from its first line.

    Attributes:
        log: the log's id.
        head: its last position.
        checkpoints: the checkpoint of each subscription.
        dead_letters: the dead letters of all subscriptions.
    """

    log: str
    head: int
    checkpoints: dict[str, int]
    dead_letters: list[dict[str, Any]]
    format: str = FORMAT


def write(path: Path, contents: Contents, links: Iterable[Link]) -> None:
    """Write the file atomically, readable by its owner alone: it contains password hashes.

    Raises:
        Refusal: the file exists already, or it cannot be written.
    """
    if path.exists():
        raise Refusal(f"{path} already exists. Choose another file name.")
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
    """Contents of the backup, after every line has been checked. Raises: Refusal."""
    for _ in read_links(path):
        pass
    with _opened(path) as lines:
        return _contents(path, lines.readline())


def read_links(path: Path) -> Iterator[Link]:
    """The commits, in order. Raises: Refusal, at the end at the latest, if the file is damaged."""
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
                raise _damaged(path, "checksum mismatch")
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
    return Refusal(f"{path} is not a shop backup.")


def _damaged(path: Path, fault: str) -> Refusal:
    return Refusal(f"{path} is damaged: {fault}.")
