"""The records of a CSV file: a cell in quotation marks may have line breaks, so a record may have several lines."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from practio_operator.console.errors import OperatorError
from practio_operator.imports.text_lines import TextLine, UnreadableLine

DELIMITERS = (",", ";", "\t")
"""The separators that are found without ``sep=``; the first of them if there is nothing to find."""

_SEP = "sep="


class NotReadError(ValueError):
    """A record that cannot be read; the text describes the fault and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Record:
    """The trimmed cells of a record; ``number`` is its first line in the file, from 1."""

    number: int
    cells: Sequence[str]

    @property
    def is_empty(self) -> bool:
        """Return whether the record is an empty line, or separators alone."""
        return not any(self.cells)


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A line at which no record can be read, with the fault."""

    number: int
    detail: str


def records(lines: Sequence[TextLine]) -> Iterator[Record | BadRecord]:
    """Yield the records that are not empty, the header first.

    If a record cannot be read, reading continues in the line after its first one: a stray quotation mark spoils only
    its own line. Raise OperatorError if what the file states as separator is not a separator.
    """
    delimiter, index = _stated_delimiter(lines)
    while index < len(lines):
        if delimiter is None and not _is_blank(lines[index]):
            delimiter = _likely_delimiter(lines, index)
        try:
            cells, count = _read(lines, index, delimiter or DELIMITERS[0])
        except NotReadError as error:
            yield BadRecord(index + 1, str(error))
            index += 1
        else:
            record = Record(index + 1, cells)
            if not record.is_empty:
                yield record
            index += count


def _stated_delimiter(lines: Sequence[TextLine]) -> tuple[str | None, int]:
    """Return the separator of a first line such as ``sep=;``, and the index of the line after it."""
    first = lines[0] if lines else ""
    stated = "" if isinstance(first, UnreadableLine) else first.strip(" ").strip('"')
    if stated[: len(_SEP)].lower() != _SEP:
        return None, 0
    delimiter = stated[len(_SEP) :]
    if len(delimiter) != 1 or delimiter.isalnum():
        raise OperatorError("The first line begins with sep=, and must go on with one separator, as in sep=; does.")
    return delimiter, 1


def _is_blank(line: TextLine) -> bool:
    return isinstance(line, str) and not line.strip()


def _likely_delimiter(lines: Sequence[TextLine], index: int) -> str:
    """Return the separator that gives the header the most cells."""
    return max(DELIMITERS, key=lambda delimiter: _count_cells(lines, index, delimiter))


def _count_cells(lines: Sequence[TextLine], index: int, delimiter: str) -> int:
    try:
        return len(_read(lines, index, delimiter)[0])
    except NotReadError:
        return 0


def _read(lines: Sequence[TextLine], index: int, delimiter: str) -> tuple[list[str], int]:
    """Return the cells of the record that begins at a line, and the number of its lines. Raise NotReadError."""
    reader = csv.reader(_with_breaks(lines, index), delimiter=delimiter, strict=True)
    try:
        cells = next(reader, [])
    except csv.Error as error:
        raise NotReadError(f"not CSV ({error}): quotation marks must be closed, and doubled within a cell") from None
    return [cell.strip() for cell in cells], max(1, reader.line_num)


def _with_breaks(lines: Sequence[TextLine], index: int) -> Iterator[str]:
    for line in islice(lines, index, None):
        if isinstance(line, UnreadableLine):
            raise NotReadError("not in UTF-8: save the file as CSV in UTF-8, or name its encoding with --encoding")
        yield f"{line}\n"
