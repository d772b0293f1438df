"""CSV files of people and members: what is read, and what is said of lines that cannot be."""

from pathlib import Path
from uuid import uuid4

import pytest

from practio_contracts.membership import RequestToJoin
from practio_contracts.people import PersonRegistered
from practio_operator.errors import OperatorError
from practio_operator.imports.columns import MEMBERS, PEOPLE
from practio_operator.imports.csv_file import Sheet, read_sheet

HEADER = "person_id,display_name,email,locale,time_zone"


def a_line(*, name: str = "Ada Moretti", person_id: object = None, email: str = "ada@example.org") -> str:
    return f"{person_id or uuid4()},{name},{email},it,Europe/Rome"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def people(file: Path, *lines: str, header: str = HEADER) -> Sheet[PersonRegistered]:
    file.write_text("\n".join([header, *lines]), encoding="utf-8")
    return read_sheet(file, PEOPLE)


def members(file: Path, header: str, *lines: str) -> Sheet[RequestToJoin]:
    file.write_text("\n".join([header, *lines]), encoding="utf-8")
    return read_sheet(file, MEMBERS)


def faults(sheet: Sheet[PersonRegistered]) -> dict[int, str]:
    return {fault.number: fault.detail for fault in sheet.faults}


def test_a_line_becomes_the_event_that_a_person_is_known(file: Path) -> None:
    sheet = people(file, a_line(name='" Ada ""Countess"" Moretti, PhD"'))
    assert [line.message.display_name for line in sheet.lines] == ['Ada "Countess" Moretti, PhD']
    assert [line.number for line in sheet.lines] == [2]


def test_columns_stand_in_any_order_and_semicolons_part_them_too(file: Path) -> None:
    sheet = people(
        file, f"Europe/Rome;it;ada@example.org;Ada;{uuid4()}", header="TIME_ZONE;locale;email;display_name;person_id"
    )
    assert sheet.lines[0].message.time_zone == "Europe/Rome"


def test_a_file_as_spreadsheets_write_it_is_read(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n{a_line(name='Zoë')}\r\n,,,,\r\n\r\n".encode())
    sheet = read_sheet(file, PEOPLE)
    assert ([line.message.display_name for line in sheet.lines], sheet.faults) == (["Zoë"], [])


def test_each_bad_line_is_named_and_spoils_no_other(file: Path) -> None:
    sheet = people(
        file,
        a_line(),
        a_line(email="ada(at)example.org"),
        a_line(name='"Ada'),
        a_line() + ",more",
        a_line(name=""),
        a_line(person_id="7"),
        a_line(),
    )
    assert [line.number for line in sheet.lines] == [2, 8]
    told = faults(sheet)
    assert list(told) == [3, 4, 5, 6, 7]
    assert told[3] == "email is not an address such as ada@example.org"
    assert "quotation marks" in told[4]
    assert told[5] == "6 cells, where the first line names 5 columns"
    assert told[6] == "nothing in display_name"
    assert told[7] == "person_id is not a UUID"


def test_what_is_wrong_is_told_without_what_was_written(file: Path) -> None:
    [fault] = people(file, f"{uuid4()},{'Secret' * 50},secret(at)example.org,secret_locale,Secret/Zone").faults
    assert "secret" not in fault.detail.lower()
    assert fault.detail.count(";") == 3


def test_bytes_that_are_no_utf_8_spoil_their_line_alone(file: Path) -> None:
    file.write_bytes(f"{HEADER}\n{a_line(name='Zoë')}\n".encode("latin-1") + a_line().encode())
    sheet = read_sheet(file, PEOPLE)
    assert ([line.number for line in sheet.lines], faults(sheet)) == ([3], {2: "not in UTF-8"})


def test_a_line_that_comes_again_is_passed_over_and_one_that_contradicts_is_bad(file: Path) -> None:
    person = uuid4()
    same, other = a_line(person_id=person), a_line(person_id=person, email="other@example.org")
    sheet = people(file, same, same, other)
    assert (len(sheet.lines), sheet.repeats) == (1, {3: 2})
    assert faults(sheet) == {4: "says something else of the same as line 2"}


def test_the_key_of_a_line_follows_from_its_content_alone(file: Path) -> None:
    person = uuid4()
    once = people(file, a_line(person_id=person)).lines[0]
    moved = people(file, a_line(), a_line(person_id=person)).lines[1]
    mended = people(file, a_line(person_id=person, email="new@example.org")).lines[0]
    assert (once.number, moved.number) == (2, 3)
    assert once.key == moved.key != mended.key


@pytest.mark.parametrize(
    "header",
    ["", "person_id,display_name,email,locale", f"{HEADER},time_zone", f"{HEADER},phone", '"person_id', "\x00"],
)
def test_a_file_whose_columns_are_not_those_that_are_read_is_not_begun(file: Path, header: str) -> None:
    with pytest.raises(OperatorError):
        people(file, a_line(), header=header)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        read_sheet(tmp_path / "none.csv", PEOPLE)


def test_a_member_has_roles_in_order_guidelines_and_answers(file: Path) -> None:
    room, person = uuid4(), uuid4()
    header = "room_id,person_id,roles,accepted_guidelines,answer:case"
    [line] = members(file, header, f"{room},{person},coach | observer,3,A teacher who is late").lines
    command = line.message
    assert (command.roles, command.accepted_guidelines, command.answers) == (
        ["coach", "observer"],
        3,
        {"case": "A teacher who is late"},
    )


def test_a_member_without_commands_leaves_their_cells_empty(file: Path) -> None:
    [line] = members(file, "room_id,person_id,roles,accepted_guidelines", f"{uuid4()},{uuid4()},,").lines
    assert (line.message.roles, line.message.accepted_guidelines, line.message.answers) == (None, None, None)


def test_one_person_may_be_in_many_rooms_and_once_in_each(file: Path) -> None:
    room, person = uuid4(), uuid4()
    sheet = members(
        file, "room_id,person_id,roles", f"{room},{person},", f"{uuid4()},{person},", f"{room},{person},coach"
    )
    assert (len(sheet.lines), [fault.number for fault in sheet.faults]) == (2, [4])


def test_a_version_that_is_no_number_is_bad(file: Path) -> None:
    sheet = members(file, "room_id,person_id,accepted_guidelines", f"{uuid4()},{uuid4()},second")
    assert sheet.faults[0].detail == "accepted_guidelines is not the number of a version"
