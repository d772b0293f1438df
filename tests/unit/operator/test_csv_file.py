"""CSV files of people and members: which lines are read, and the faults of the others."""

from pathlib import Path
from uuid import uuid4

import pytest

from practio_contracts.membership import RequestToJoin
from practio_contracts.people import PersonRegistered
from practio_operator.console.errors import OperatorError
from practio_operator.imports.columns import MEMBERS, PEOPLE
from practio_operator.imports.csv_file import CsvFile, read_csv_file

HEADER = "person_id,display_name,email,locale,time_zone"


def a_line(*, name: str = "Ada Moretti", person_id: object = None, email: str = "ada@example.org") -> str:
    return f"{person_id or uuid4()},{name},{email},it,Europe/Rome"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def people(file: Path, *lines: str, header: str = HEADER) -> CsvFile[PersonRegistered]:
    file.write_text("\n".join([header, *lines]), encoding="utf-8")
    return read_csv_file(file, PEOPLE)


def members(file: Path, header: str, *lines: str) -> CsvFile[RequestToJoin]:
    file.write_text("\n".join([header, *lines]), encoding="utf-8")
    return read_csv_file(file, MEMBERS)


def faults(sheet: CsvFile[PersonRegistered]) -> dict[int, str]:
    return {fault.number: fault.detail for fault in sheet.faults}


def test_a_line_becomes_a_person_registered_event(file: Path) -> None:
    sheet = people(file, a_line(name='" Ada ""Countess"" Moretti, PhD"'))
    assert [line.message.display_name for line in sheet.lines] == ['Ada "Countess" Moretti, PhD']
    assert [line.number for line in sheet.lines] == [2]


def test_columns_may_have_any_order_and_semicolons_as_separators(file: Path) -> None:
    sheet = people(
        file, f"Europe/Rome;it;ada@example.org;Ada;{uuid4()}", header="TIME_ZONE;locale;email;display_name;person_id"
    )
    assert sheet.lines[0].message.time_zone == "Europe/Rome"


def test_a_file_as_spreadsheets_write_it_is_read(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n{a_line(name='Zoë')}\r\n,,,,\r\n\r\n".encode())
    sheet = read_csv_file(file, PEOPLE)
    assert ([line.message.display_name for line in sheet.lines], sheet.faults) == (["Zoë"], [])


def test_each_bad_line_is_named_and_affects_no_other(file: Path) -> None:
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
    found = faults(sheet)
    assert list(found) == [3, 4, 5, 6, 7]
    assert found[3] == "email is not an address such as ada@example.org"
    assert "quotation marks" in found[4]
    assert found[5] == "6 cells, but the first line names 5 columns"
    assert found[6] == "nothing in display_name"
    assert found[7] == "person_id is not a UUID"


def test_faults_do_not_quote_personal_data(file: Path) -> None:
    [fault] = people(file, f"{uuid4()},{'Secret' * 50},secret(at)example.org,secret_locale,Secret/Zone").faults
    assert "secret" not in fault.detail.lower()
    assert fault.detail.count(";") == 3


def test_bytes_that_are_not_utf_8_affect_only_their_line(file: Path) -> None:
    file.write_bytes(f"{HEADER}\n{a_line(name='Zoë')}\n".encode("latin-1") + a_line().encode())
    sheet = read_csv_file(file, PEOPLE)
    assert [line.number for line in sheet.lines] == [3]
    assert faults(sheet)[2].startswith("not in UTF-8")


def test_a_repeated_line_is_skipped_and_a_contradicting_one_is_bad(file: Path) -> None:
    person = uuid4()
    same, other = a_line(person_id=person), a_line(person_id=person, email="other@example.org")
    sheet = people(file, same, same, other)
    assert (len(sheet.lines), sheet.repeats) == (1, {3: 2})
    assert faults(sheet) == {4: "differs from line 2, which is about the same"}


def test_the_key_of_a_line_depends_only_on_its_content(file: Path) -> None:
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
def test_a_file_with_wrong_columns_is_refused(file: Path, header: str) -> None:
    with pytest.raises(OperatorError):
        people(file, a_line(), header=header)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        read_csv_file(tmp_path / "none.csv", PEOPLE)


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


def test_a_member_without_preferences_leaves_cells_empty(file: Path) -> None:
    [line] = members(file, "room_id,person_id,roles,accepted_guidelines", f"{uuid4()},{uuid4()},,").lines
    assert (line.message.roles, line.message.accepted_guidelines, line.message.answers) == (None, None, None)


def test_one_person_may_be_in_many_rooms_and_once_in_each(file: Path) -> None:
    room, person = uuid4(), uuid4()
    sheet = members(
        file, "room_id,person_id,roles", f"{room},{person},", f"{uuid4()},{person},", f"{room},{person},coach"
    )
    assert (len(sheet.lines), [fault.number for fault in sheet.faults]) == (2, [4])


def test_a_version_must_be_a_number(file: Path) -> None:
    sheet = members(file, "room_id,person_id,accepted_guidelines", f"{uuid4()},{uuid4()},second")
    assert sheet.faults[0].detail == "accepted_guidelines is not the number of a version"
