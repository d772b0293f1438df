"""Files for spreadsheets: rows as comma-separated values, of which no text is computed. Pure."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would compute instead of show."""


def csv_lines(rows: Iterable[Sequence[str | float | None]]) -> str:
    """Return rows as comma-separated values (RFC 4180); null is empty.

    A text that a spreadsheet would compute has an apostrophe before it.
    """
    file = StringIO()
    csv.writer(file, lineterminator="\r\n").writerows([_cell(each) for each in row] for row in rows)
    return file.getvalue()


def _cell(value: str | float | None) -> str:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else str(value)
