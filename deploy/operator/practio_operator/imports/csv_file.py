"""A CSV file, read line by line: messages, repetitions, and faults.

A record is one line of the file, so that a stray quotation mark spoils only its own line.
"""

import csv
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Generic, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from practio_contracts.message import Message
from practio_operator.errors import OperatorError

M = TypeVar("M", bound=Message)
Cells = Mapping[str, str]

NAMESPACE = uuid5(NAMESPACE_URL, "urn:practio:import")

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns(Generic[M]):
    """The columns of a kind of file.

    ``prefix`` begins the names of further columns, of any number. ``message`` builds a line's message and raises
    ValidationError; two lines with the same ``about`` concern the same thing. ``words`` describes the values of a
    field.
    """

    needed: Sequence[str]
    optional: Sequence[str] = ()
    prefix: str | None = None
    message: Callable[[Cells], M]
    about: Callable[[M], Hashable]
    words: Mapping[str, str]

    def knows(self, name: str) -> bool:
        """Return whether a column of this name is allowed."""
        return name in self.needed or name in self.optional or bool(self.prefix and name.startswith(self.prefix))


@dataclass(frozen=True, slots=True)
class Line(Generic[M]):
    """A line that can be sent; ``number`` counts from 1 with the header, ``key`` follows from its content alone."""

    number: int
    key: UUID
    message: M


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in a line; never its content."""

    number: int
    detail: str


@dataclass(slots=True)
class CsvFile(Generic[M]):
    """A file that was read; ``repeats`` maps the number of a line to that of an earlier one with the same content."""

    digest: str
    lines: list[Line[M]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    repeats: dict[int, int] = field(default_factory=dict)


def read_csv_file(path: Path, columns: Columns[M]) -> CsvFile[M]:
    """Return a CSV file in UTF-8, with commas or semicolons and the names of the columns in its first line.

    Raise OperatorError if it cannot be read, or if its columns are wrong.
    """
    content = _content(path)
    header, *rest = content.removeprefix(_BYTE_ORDER_MARK).splitlines() or [b""]
    delimiter = b";" if header.count(b";") > header.count(b",") else b","
    names = _names(header, delimiter.decode(), columns)
    sheet: CsvFile[M] = CsvFile(sha256(content).hexdigest())
    first: dict[Hashable, Line[M]] = {}
    for number, raw in enumerate(rest, 2):
        match _message(raw, names, delimiter.decode(), columns):
            case str(detail):
                sheet.faults.append(Fault(number, detail))
            case Message() as message:
                _add(sheet, Line(number, _key(message), message), first.get(columns.about(message)))
                first.setdefault(columns.about(message), Line(number, _key(message), message))
    return sheet


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}.") from None


def _names(header: bytes, delimiter: str, columns: Columns[M]) -> list[str]:
    try:
        names = [name.strip().lower() for name in _cells(header, delimiter)]
    except ValueError as error:
        raise OperatorError(f"The first line, which names the columns, cannot be read: {error}.") from None
    missing = [name for name in columns.needed if name not in names]
    unknown = [name for name in names if not columns.knows(name)]
    if missing or unknown or len(set(names)) < len(names):
        differences = "; ".join(
            f"{what}: {', '.join(those)}"
            for what, those in (
                ("missing", missing),
                ("not known", [repr(name) for name in unknown]),
                ("there twice", sorted({name for name in names if names.count(name) > 1})),
            )
            if those
        )
        raise OperatorError(f"The first line does not name the columns that are read here; {differences}.")
    return names


def _message(raw: bytes, names: Sequence[str], delimiter: str, columns: Columns[M]) -> M | str | None:
    """Return a line's message, its fault, or None if it is empty."""
    try:
        cells = [cell.strip() for cell in _cells(raw, delimiter)]
    except ValueError as error:
        return str(error)
    if not any(cells):
        return None
    if len(cells) != len(names):
        return f"{len(cells)} cells, where the first line names {len(names)} columns"
    said = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
    if missing := [name for name in columns.needed if name not in said]:
        return f"nothing in {', '.join(missing)}"
    try:
        return columns.message(said)
    except ValidationError as error:
        return "; ".join(_in_words(error, columns.words))


def _cells(raw: bytes, delimiter: str) -> list[str]:
    """Split one line. Raise ValueError, whose text describes the fault."""
    try:
        return next(csv.reader([raw.decode()], delimiter=delimiter, strict=True), [])
    except UnicodeDecodeError:
        raise ValueError("not in UTF-8") from None
    except csv.Error as error:
        raise ValueError(f"not CSV ({error}); quotation marks stand in pairs, within one line") from None


def _in_words(error: ValidationError, words: Mapping[str, str]) -> Iterator[str]:
    """Return each fault once per field, without the value, which may be somebody's address."""
    faults: dict[str, ErrorDetails] = {}
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        faults.setdefault(str(fault["loc"][0]) if fault["loc"] else "line", fault)
    for name, fault in faults.items():
        yield f"{name} {words[name]}" if name in words else f"{name}: {fault['msg'].removeprefix('Value error, ')}"


def _add(sheet: CsvFile[M], line: Line[M], first: Line[M] | None) -> None:
    if first is None:
        sheet.lines.append(line)
    elif first.key == line.key:
        sheet.repeats[line.number] = first.number
    else:
        sheet.faults.append(Fault(line.number, f"says something else of the same as line {first.number}"))


def _key(message: Message) -> UUID:
    return uuid5(NAMESPACE, f"{message.routing_key}\n{message.model_dump_json()}")
