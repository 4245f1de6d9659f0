"""Tables for other programs."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from flask import Response


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A table to be saved: CSV (RFC 4180) in UTF-8."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([[_harmless(cell) for cell in row] for row in rows])
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text.getvalue(), content_type="text/csv; charset=utf-8; header=present", headers=headers)


def _harmless(cell: object) -> object:
    """Spreadsheets take text that begins like this for a formula, and would carry it out."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "@", "\t") else cell
