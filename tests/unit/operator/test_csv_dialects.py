"""CSV files as spreadsheets write them: encodings, separators, line ends, line breaks in cells."""

import codecs
import csv
import io
import random
import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from practio_contracts.fields import tidy
from practio_contracts.membership import RequestToJoin
from practio_operator.console.errors import OperatorError
from practio_operator.imports.columns import MEMBERS
from practio_operator.imports.csv_file import CsvFile, read_csv_file

ROOM = UUID(int=7)
HEADER = ["room_id", "person_id", "roles", "answer:Case", "answer:case"]
ENCODINGS = {
    "UTF-8": "utf-8",
    "UTF-8 with BOM": "utf-8-sig",
    "UTF-16": "utf-16",
    "UTF-16 LE": "utf-16-le",
    "UTF-16 BE": "utf-16-be",
}
MARKS = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
SEED = 20_261


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "room.csv"


def read(file: Path, text: str, encoding: str = "utf-8") -> CsvFile[RequestToJoin]:
    file.write_bytes(MARKS.get(encoding, b"") + text.encode(encoding))
    return read_csv_file(file, MEMBERS)


def answers(found: CsvFile[RequestToJoin]) -> list[str]:
    assert not found.faults
    return [(line.message.answers or {})["Case"] for line in found.lines]


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_every_encoding_of_spreadsheets_is_read(file: Path, encoding: str) -> None:
    found = read(file, f"room_id\tperson_id\tanswer:Case\r\n{ROOM}\t{uuid4()}\tZoë, 周三\r\n", encoding)
    assert answers(found) == ["Zoë, 周三"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_may_be_stated_in_a_line_before_the_header(file: Path, delimiter: str) -> None:
    rows = [["room_id", "person_id", "answer:Case"], [str(ROOM), str(uuid4()), "late"]]
    text = "\r\n".join([f"sep={delimiter}", *(delimiter.join(row) for row in rows)])
    found = read(file, text)
    assert (answers(found), [line.number for line in found.lines]) == (["late"], [3])


@pytest.mark.parametrize("stated", ["sep=", "sep=;;", "sep=a"])
def test_a_separator_that_is_none_is_one_sentence(file: Path, stated: str) -> None:
    with pytest.raises(OperatorError, match="sep="):
        read(file, f"{stated}\nroom_id;person_id\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CR LF", "CR"])
def test_a_cell_in_quotation_marks_may_have_line_breaks_and_lines_are_those_of_the_file(file: Path, end: str) -> None:
    lines = [
        "room_id,person_id,answer:Case",
        "",
        f'{ROOM},{uuid4()},"First line',
        "",
        'says ""no"", then"',
        f"{ROOM},{uuid4()},late",
        f"{ROOM},nobody,late",
    ]
    found = read(file, end.join(lines) + end)
    assert [line.message.answers for line in found.lines] == [
        {"Case": 'First line\n\nsays "no", then'},
        {"Case": "late"},
    ]
    assert [line.number for line in found.lines] == [3, 6]
    assert [(fault.number, fault.detail) for fault in found.faults] == [(7, "person_id is not a UUID")]


def test_a_quotation_mark_that_is_never_closed_spoils_only_its_own_line(file: Path) -> None:
    good = [f'{ROOM},{uuid4()},"one\ntwo"', f"{ROOM},{uuid4()},late", f'{ROOM},{uuid4()},"late"', f"{ROOM},{uuid4()},"]
    found = read(file, "\n".join(["room_id,person_id,answer:Case", f'{ROOM},{uuid4()},"late', *good]))
    assert [line.number for line in found.lines] == [3, 5, 6, 7]
    assert [fault.number for fault in found.faults] == [2]
    assert "quotation marks" in found.faults[0].detail


def test_empty_columns_at_the_end_and_empty_lines_mean_nothing(file: Path) -> None:
    rows = [";;;;;", "room_id;person_id;roles;answer:Case;;", f"{ROOM};{uuid4()};;late;;", ";;;;;", "  "]
    found = read(file, "\r\n".join([*rows, f"{ROOM};{uuid4()}", f"{ROOM};{uuid4()};;;;;;", f"{ROOM};{uuid4()};;;more"]))
    assert [(line.number, line.message.answers) for line in found.lines] == [
        (3, {"Case": "late"}),
        (6, None),
        (7, None),
    ]
    assert [(fault.number, fault.detail) for fault in found.faults] == [
        (8, "5 cells, but the first line names 4 columns")
    ]


@pytest.mark.parametrize("content", [b"\xff\xfea", b"\xff\xfe\x00\xd8", "room_id,person_id".encode("utf-16-le")])
def test_a_file_that_is_no_text_is_one_sentence(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(OperatorError, match="save it as CSV in UTF-8"):
        read_csv_file(file, MEMBERS)


def test_the_key_of_a_question_keeps_its_capitals(file: Path) -> None:
    found = read(file, f"Room_ID,PERSON_ID,Answer: Case,ANSWER:case\n{ROOM},{uuid4()},late,early\n")
    assert found.lines[0].message.answers == {"Case": "late", "case": "early"}


def test_a_column_of_answers_needs_a_key(file: Path) -> None:
    with pytest.raises(OperatorError, match="unknown: 'answer:'"):
        read(file, "room_id,person_id,answer:\n")


def test_what_a_spreadsheet_writes_is_read_back(file: Path) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    for _ in range(300):
        rows = [a_row(chance) for _ in range(chance.randrange(1, 6))]
        text, numbers = written(chance, rows)
        found = read(file, text, chance.choice([*ENCODINGS.values()]))
        assert not found.faults, (found.faults, text)
        assert [line.number for line in found.lines] == numbers, text
        for row, line in zip(rows, found.lines, strict=True):
            expected = {
                name.removeprefix("answer:"): tidy(cell)
                for name, cell in zip(HEADER, row, strict=True)
                if name.startswith("answer:") and tidy(cell)
            }
            assert (line.message.answers or {}) == expected, text


def a_row(chance: random.Random) -> list[str]:
    """Return the cells of a line with answers of any characters that spreadsheets quote."""
    texts = [
        "",
        "late",
        "Zoë",
        "周三读书会",
        'says "no"',
        '"',
        '""',
        ",",
        ";",
        "\t",
        "|",
        "\n",
        "\n\n",
        "sep=;",
        " ",
        "'",
    ]
    cells = ["".join(chance.choices(texts, k=chance.randrange(5))) for _ in range(2)]
    return [str(ROOM), str(UUID(int=chance.getrandbits(128))), chance.choice(["", "coach"]), *cells]


def written(chance: random.Random, rows: list[list[str]]) -> tuple[str, list[int]]:
    """Return a file in a random dialect, and the number of the first line of each row."""
    delimiter, end = chance.choice(",;\t"), chance.choice(["\n", "\r\n", "\r"])
    extra = chance.randrange(3)
    buffer = io.StringIO()
    writer = csv.writer(
        buffer, delimiter=delimiter, lineterminator="\n", quoting=chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    )
    if chance.random() < 0.3:
        buffer.write(f"sep={delimiter}\n")
    numbers = []
    for row in [HEADER, *rows]:
        buffer.write("\n" * chance.choice([0, 0, 0, 2]))
        numbers.append(buffer.getvalue().count("\n") + 1)
        writer.writerow([*row, *[""] * extra])
    text = buffer.getvalue().replace("\n", end)
    return (text if chance.random() < 0.5 else re.sub(rf"{end}$", "", text)), numbers[1:]
