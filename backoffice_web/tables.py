"""Tables as downloads for other programs."""

import csv
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import SEEK_END, StringIO

from flask import Response, stream_with_context

from shop.web.formats import language

CHUNK = 16 * 1024
"""Characters per chunk sent."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dialect:
    """Format of CSV that spreadsheets in a language expect.

    Args:
        beginning: a byte order mark, without which Excel assumes another encoding than UTF-8.
    """

    separator: str
    decimal_mark: str
    beginning: str = ""

    def cell(self, value: object) -> object:
        """A number in the language's notation; a text escaped, so that no spreadsheet runs it as a formula."""
        if isinstance(value, Decimal):
            return str(value).replace(".", self.decimal_mark)
        return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value


FORMULAS = ("=", "+", "-", "@", "\t", "\r")
DIALECTS = {"en": Dialect(",", "."), "de": Dialect(";", ",", "\ufeff")}
"""Dialects by the page's language."""


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A table as a download: CSV in UTF-8, in the format of spreadsheets in the page's language (in English, RFC 4180).

    Rows are streamed, in any number. Amounts are `Decimal`.

    After a failed row the answer breaks off without its end, so that a part is not mistaken for the whole.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    content = stream_with_context(_unless_broken(name, _chunks(DIALECTS[language()], columns, rows)))
    return Response(content, content_type="text/csv; charset=utf-8; header=present", headers=headers)


def _chunks(dialect: Dialect, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    text = StringIO(dialect.beginning)
    text.seek(0, SEEK_END)
    writer = csv.writer(text, delimiter=dialect.separator)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([dialect.cell(value) for value in row])
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
