"""Workbooks (XLSX): the rows of one sheet as records, with dates and numbers as people would type them."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from practio_operator.console.errors import OperatorError
from practio_operator.imports.records import BadRecord, Record

MOST_UNPACKED_BYTES = 512 * 1024 * 1024
"""How large the parts of a workbook may be together once they are unpacked: a small file can hold very many zeros."""

MOST_ROWS, MOST_CELLS = 200_000, 200
"""How many rows of a sheet are read that are not empty, and how many cells of a row."""

LAST_ROW = 1_048_576
"""The last row that a sheet can have; cells without a value, as of a column in a colour, may go on until there."""

_ZIP = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_NOT_READ = "The file is a workbook that cannot be read: save it as XLSX (Excel workbook), or as CSV in UTF-8."


def is_workbook(content: bytes) -> bool:
    """Return whether a file is a workbook; raise OperatorError if it is one that cannot be read."""
    if content.startswith(_OLD_WORKBOOK):
        raise OperatorError(_NOT_READ)
    return content.startswith(_ZIP)


def workbook_records(content: bytes, sheet: str) -> Iterator[Record | BadRecord]:
    """Yield the rows that are not empty, of the sheet named ``sheet`` in any case, otherwise of the first one.

    Formulas count as the value that was last computed. Raise OperatorError if the workbook cannot be read.
    """
    from openpyxl import load_workbook  # it takes a while, and most commands need no workbook

    _check_size(content)
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        names = {name.casefold(): name for name in reversed(workbook.sheetnames)}
        found = workbook[names.get(sheet.casefold(), workbook.sheetnames[0])]
        found.reset_dimensions()  # what a file says of its size is often wrong
        count = 0
        for number, row in enumerate(found.iter_rows(values_only=True), 1):
            for record in _record(number, row):
                count += 1
                yield record
            if count > MOST_ROWS or number > LAST_ROW:
                most = MOST_ROWS if count > MOST_ROWS else LAST_ROW
                raise OperatorError(f"The sheet has more than {most:,} rows: split it, or save it as CSV.")
    except OperatorError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        SyntaxError,
    ):
        # The library has no error of its own for what is no workbook; ParseError of XML is a SyntaxError.
        raise OperatorError(_NOT_READ) from None


def _check_size(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise OperatorError(_NOT_READ) from None
    if size > MOST_UNPACKED_BYTES:
        raise OperatorError("The workbook is too large once it is unpacked: save the sheet as CSV in UTF-8.")


def _record(number: int, row: tuple[Any, ...]) -> Iterator[Record | BadRecord]:
    if len(row) > MOST_CELLS and any(cell is not None for cell in row[MOST_CELLS:]):
        yield BadRecord(number, f"more than {MOST_CELLS} cells")
        return
    record = Record(number, [_text(cell) for cell in row[:MOST_CELLS]])
    if not record.is_empty:
        yield record


def _text(cell: object) -> str:
    """Return a cell as it would be typed: whole numbers without a point, times to the minute as ISO 8601 has them.

    A workbook has no days without a time: midnight is one.
    """
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime() if cell.second:
            return cell.isoformat(timespec="seconds")
        case datetime() | time():
            return cell.isoformat(timespec="minutes")
        case date():
            return cell.isoformat()
        case _:
            return str(cell).strip()
