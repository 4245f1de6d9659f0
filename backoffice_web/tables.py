"""Tables for other programs."""

import csv
import logging
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from flask import Response, stream_with_context

CHUNK = 16 * 1024
"""Characters that are sent together."""

log = logging.getLogger(__name__)


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A table to be saved: CSV (RFC 4180) in UTF-8, sent as its rows come, of which there may be any number.

    Where a row cannot be had, the answer breaks off without its end, so that nobody takes a part for the whole.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    content = stream_with_context(_unless_broken(name, _chunks(columns, rows)))
    return Response(content, content_type="text/csv; charset=utf-8; header=present", headers=headers)


def _chunks(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
        if text.tell() >= CHUNK:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _unless_broken(name: str, chunks: Iterable[str]) -> Iterator[str]:
    try:
        yield from chunks
    except Exception as error:
        log.warning("%s breaks off: %r", name, error)
        raise


def _harmless(cell: object) -> object:
    """Spreadsheets take text that begins like this for a formula, and would carry it out."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "@", "\t") else cell
