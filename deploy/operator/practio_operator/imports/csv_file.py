"""A file of a spreadsheet, read record by record: what each line stands for, repeats and faults."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Generic, Protocol, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from practio_operator.console.errors import OperatorError
from practio_operator.imports.records import BadRecord, Record, records
from practio_operator.imports.text_lines import text_lines
from practio_operator.imports.workbook import is_workbook, workbook_records

MOST_BYTES = 64 * 1024 * 1024
"""How large a file may be: it is held in memory, with all that it stands for."""


class Content(Protocol):
    """What a line stands for: a message, or a model of several; ``routing_key`` names its kind."""

    routing_key: ClassVar[str]

    def model_dump_json(self) -> str:
        """Return the content as JSON."""


class CellError(ValueError):
    """A cell that no model can judge; the text names its column, says what to do, and quotes nothing."""


M = TypeVar("M", bound=Content)
Cells = Mapping[str, str]

NAMESPACE = uuid5(NAMESPACE_URL, "urn:practio:import")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns(Generic[M]):
    """The columns of a kind of file.

    Any number of further columns may begin with ``prefix``; what follows it keeps its capitals. ``message`` builds a
    line's message and raises ValidationError or CellError; two lines of the same ``identity`` concern the same thing.
    ``descriptions`` has the faults of fields. ``sheet`` is the name of the sheet that is read, if a workbook has it.
    """

    required: Sequence[str]
    optional: Sequence[str] = ()
    prefix: str | None = None
    message: Callable[[Cells], M]
    identity: Callable[[M], Hashable]
    descriptions: Mapping[str, str]
    sheet: str = ""

    def knows(self, name: str) -> bool:
        """Return whether a column of this name is allowed."""
        return (
            name in self.required
            or name in self.optional
            or bool(self.prefix and name.removeprefix(self.prefix) not in ("", name))
        )

    def named(self, cell: str) -> str:
        """Return the name of a column from its cell in the header: in small letters, except after ``prefix``."""
        prefix = self.prefix or ""
        if prefix and cell[: len(prefix)].lower() == prefix:
            return prefix + cell[len(prefix) :].strip()
        return cell.lower().replace(" ", "_").replace("-", "_")


@dataclass(frozen=True, slots=True)
class CsvLine(Generic[M]):
    """A line that can be sent; ``number`` counts the header as 1, ``key`` is derived from the content alone."""

    number: int
    key: UUID
    message: M


@dataclass(frozen=True, slots=True)
class LineFault:
    """A fault in a line; never its content."""

    number: int
    detail: str


@dataclass(slots=True)
class CsvFile(Generic[M]):
    """A file that was read; ``repeats`` maps the number of a line to that of an earlier one with the same content."""

    digest: str
    lines: list[CsvLine[M]] = field(default_factory=list)
    faults: list[LineFault] = field(default_factory=list)
    repeats: dict[int, int] = field(default_factory=dict)


def read_csv_file(path: Path, columns: Columns[M], *, encoding: str | None = None) -> CsvFile[M]:
    """Return a CSV file as spreadsheets write it, or a workbook (XLSX), with the columns' names in its first line.

    ``encoding`` is that of a CSV file that is neither in UTF-8 nor in UTF-16. Raise OperatorError if the file cannot be
    read, or if its columns are wrong.
    """
    content = _content(path)
    found = _records(content, columns.sheet, encoding)
    names = _names(next(found, Record(1, [])), columns)
    csv_file: CsvFile[M] = CsvFile(sha256(content).hexdigest())
    first: dict[Hashable, CsvLine[M]] = {}
    for record in found:
        match _message(record, names, columns):
            case str(detail):
                csv_file.faults.append(LineFault(record.number, detail))
            case message:
                line = CsvLine(record.number, _key(message), message)
                _add(csv_file, line, first.get(columns.identity(message)))
                first.setdefault(columns.identity(message), line)
    return csv_file


def names_in(path: Path, columns: Columns[M], *, encoding: str | None = None) -> set[str]:
    """Return the names of a file's columns, as ``columns`` reads them, known or not; none if it cannot be read."""
    header = next(_records(_content(path), columns.sheet, encoding), None)
    return {columns.named(cell) for cell in header.cells} if isinstance(header, Record) else set()


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}.") from None
    if len(content) > MOST_BYTES:
        raise OperatorError(
            f"{path} has more than {MOST_BYTES // 1024 // 1024} MiB: split it, with the first line in each part."
        )
    return content


def _records(content: bytes, sheet: str, encoding: str | None) -> Iterator[Record | BadRecord]:
    if is_workbook(content):
        return workbook_records(content, sheet)
    return records(text_lines(content, encoding))


def _names(header: Record | BadRecord, columns: Columns[M]) -> list[str]:
    if isinstance(header, BadRecord):
        raise OperatorError(f"The first line must name the columns, and cannot be read: {header.detail}.")
    names = [columns.named(cell) for cell in _without_empty_end(header.cells)]
    missing = [name for name in columns.required if name not in names]
    unknown = [name for name in names if not columns.knows(name)]
    if missing or unknown or len(set(names)) < len(names):
        differences = "; ".join(
            f"{kind}: {', '.join(columns_of_kind)}"
            for kind, columns_of_kind in (
                ("missing", missing),
                ("unknown", [repr(name) for name in unknown]),
                ("repeated", sorted({name for name in names if names.count(name) > 1})),
            )
            if columns_of_kind
        )
        raise OperatorError(f"The first line does not name the right columns: {differences}.")
    return names


def _message(record: Record | BadRecord, names: Sequence[str], columns: Columns[M]) -> M | str:
    """Return a record's message, or its fault; spreadsheets may leave out empty cells at the end, or add some."""
    if isinstance(record, BadRecord):
        return record.detail
    cells = _without_empty_end(record.cells)
    if len(cells) > len(names):
        return f"{len(cells)} cells, but the first line names {len(names)} columns"
    filled = {name: cell for name, cell in zip(names, cells, strict=False) if cell}
    if missing := [name for name in columns.required if name not in filled]:
        return f"nothing in {', '.join(missing)}"
    try:
        return columns.message(filled)
    except CellError as error:
        return str(error)
    except ValidationError as error:
        return "; ".join(_describe(error, columns.descriptions))


def _without_empty_end(cells: Sequence[str]) -> Sequence[str]:
    count = max((index for index, cell in enumerate(cells, 1) if cell), default=0)
    return cells[:count]


def _describe(error: ValidationError, words: Mapping[str, str]) -> Iterator[str]:
    """Yield one text per invalid field, without the value, which may be somebody's address."""
    faults: dict[str, ErrorDetails] = {}
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        faults.setdefault(str(fault["loc"][0]) if fault["loc"] else "line", fault)
    for name, fault in faults.items():
        yield f"{name} {words[name]}" if name in words else f"{name}: {fault['msg'].removeprefix('Value error, ')}"


def _add(csv_file: CsvFile[M], line: CsvLine[M], first: CsvLine[M] | None) -> None:
    if first is None:
        csv_file.lines.append(line)
    elif first.key == line.key:
        csv_file.repeats[line.number] = first.number
    else:
        csv_file.faults.append(LineFault(line.number, f"differs from line {first.number}, which is about the same"))


def _key(message: Content) -> UUID:
    return uuid5(NAMESPACE, f"{message.routing_key}\n{message.model_dump_json()}")
