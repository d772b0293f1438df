"""Files of rooms, of people without ids, and of members by address; workbooks beside CSV."""

import csv
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.support.every_case import every_case

from practio_operator.console.errors import OperatorError, UsageError
from practio_operator.imports import csv_file, templates, workbook
from practio_operator.imports.columns import NEW_PEOPLE, NewPerson, members_by_address, person_id_of
from practio_operator.imports.csv_file import CellError, Columns, read_csv_file
from practio_operator.imports.introducing import with_stand_ins
from practio_operator.imports.names import imported_people, imported_rooms
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.room_columns import ROOMS, RoomLine, room_id_of, rule_of

A_ROOM = dict(templates.ROOMS)
ROOM = UUID(int=7)
FIRST, FIFTH = datetime.fromisoformat("2027-01-14T18:00"), datetime.fromisoformat("2027-01-29T18:00")


def rooms(path: Path, *changes: dict[str, str]) -> csv_file.CsvFile[RoomLine]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, A_ROOM)
        writer.writeheader()
        writer.writerows(A_ROOM | each for each in changes)
    return read_csv_file(path, ROOMS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rooms.csv"


@pytest.mark.parametrize(
    "row", [templates.ROOMS, templates.MEMBERS, templates.PEOPLE], ids=["rooms", "members", "people"]
)
def test_a_template_is_a_file_that_can_be_imported(tmp_path: Path, row: templates.Row) -> None:
    path = tmp_path / "file.csv"
    path.write_text(templates.template(row), encoding="utf-8")
    title = A_ROOM["title"].casefold()
    kinds: dict[int, Columns[Any]] = {id(templates.ROOMS): ROOMS, id(templates.PEOPLE): NEW_PEOPLE}
    found: csv_file.CsvFile[Any] = read_csv_file(path, kinds.get(id(row), members_by_address({title: ROOM})))
    assert (len(found.lines), found.faults) == (1, [])


def test_a_line_is_a_room_with_its_dates(file: Path) -> None:
    (line,) = rooms(file, {"format": "Peer Coaching", "capacity": "6", "roles": "coach: 2|coachee|observer:2"}).lines
    created = line.message.create(ROOM)
    assert (created.format, created.capacity, created.access and created.access.policy) == (
        "peer-coaching",
        6,
        "approval",
    )
    assert [(each.name, each.seats) for each in created.roles or []] == [
        ("coach", 2),
        ("coachee", None),
        ("observer", 2),
    ]
    session = line.message.schedule(ROOM, ROOM)
    assert session
    assert session.recurrence
    assert (session.starts_at, session.duration_minutes) == (FIRST, 90)
    assert session.recurrence.rrule == "FREQ=WEEKLY;INTERVAL=2"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"title": ""}, "nothing in title"),
        ({"host": "ada(at)example.org"}, "host is not an address such as ada@example.org"),
        ({"host": "jürgen@example.org"}, "host is not an address such as ada@example.org"),
        ({"format": "debate"}, "format is not intervision, peer-coaching, peer-supervision or method-practice"),
        ({"capacity": "eight"}, "capacity is not a whole number"),
        ({"capacity": "0"}, "capacity is not a number from 1 to 10,000"),
        ({"time_zone": "Rome"}, "time_zone is not an IANA time zone such as Europe/Rome"),
        ({"mode": "hybrid"}, "nothing in place: enter where people meet in person"),
        ({"meeting_url": ""}, "nothing in meeting_url: enter the address where people meet online"),
        ({"policy": "secret"}, "access is wrong: policy is open, approval or invitation"),
        ({"first_session": "14.1.2027 18:00"}, "first_session is not a time such as 2027-01-14 18:00"),
        ({"first_session": "2027-02-30 18:00"}, "first_session is not a time such as 2027-01-14 18:00"),
        ({"first_session": ""}, "nothing in first_session"),
        ({"repeats": "now and then"}, "repeats: enter once, daily, weekly"),
        ({"minutes": "0"}, "duration_minutes is wrong: minutes is a number from 1 to 10,080"),
        ({"roles": "coach:many"}, "roles is not a whole number"),
    ],
)
def test_a_bad_cell_is_named_with_its_line_its_column_and_what_to_do(
    file: Path, changes: dict[str, str], fault: str
) -> None:
    found = rooms(file, {}, changes, {"title": "Another"})
    assert [line.number for line in found.lines] == [2, 4]
    (bad,) = found.faults
    assert (bad.number, bad.detail[: len(fault)]) == (3, fault)


def test_two_lines_with_the_title_and_the_host_of_another_are_no_second_room(file: Path) -> None:
    found = rooms(file, {}, {"title": "case circle for SCHOOL  counsellors", "capacity": "9"}, {})
    assert len(found.lines) == 1
    assert ([each.number for each in found.faults], found.repeats) == ([3], {4: 2})


@every_case(
    ("words", "rule"),
    [
        ("", None),
        ("Once", None),
        ("daily", "FREQ=DAILY"),
        ("Weekly", "FREQ=WEEKLY"),
        ("fortnightly", "FREQ=WEEKLY;INTERVAL=2"),
        ("every  3 weeks", "FREQ=WEEKLY;INTERVAL=3"),
        ("monthly", "FREQ=MONTHLY;BYDAY=2TH"),
        ("FREQ=WEEKLY;COUNT=5", "FREQ=WEEKLY;COUNT=5"),
    ],
)
def test_dates_repeat_by_words_or_by_a_rule(words: str, rule: str | None) -> None:
    assert rule_of(words, FIRST) == rule


def test_a_fifth_weekday_of_a_month_is_its_last() -> None:
    assert rule_of("monthly", FIFTH) == "FREQ=MONTHLY;BYDAY=-1FR"
    with pytest.raises(CellError):
        rule_of("yearly", FIFTH)


def test_a_corrected_file_keeps_the_ids_of_its_rooms_and_a_copy_without_progress_has_them_too(file: Path) -> None:
    first = rooms(file, {})
    progress = ImportProgress.read_beside(file)
    progress.open(broker="b", digest=first.digest)
    room_id = room_id_of(progress.seed(first.digest), first.lines[0].message)
    corrected = rooms(file, {"capacity": "9"}, {"title": "Another"})
    again = ImportProgress.read_beside(file)
    ids = [room_id_of(again.seed(corrected.digest), each.message) for each in corrected.lines]
    assert (ids[0], ids[1] == room_id) == (room_id, False)
    assert room_id_of(first.digest, first.lines[0].message) == room_id
    assert room_id_of("another file", first.lines[0].message) != room_id


def a_workbook(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    from openpyxl import Workbook  # loaded by the worker alone that runs this

    book = Workbook()
    assert book.active
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([*row])
    book.save(path)
    return path


def test_a_workbook_is_read_with_its_dates_and_numbers_from_the_sheet_of_its_kind(tmp_path: Path) -> None:
    values: dict[str, object] = {**A_ROOM, "capacity": 8.0, "first_session": FIRST, "minutes": 60}
    heads = [each.replace("_", " ").title() for each in values]
    people = [["display_name", "email", "locale", "time_zone"], ["Zoë", "zoe@example.org", "de", "Europe/Rome"]]
    path = a_workbook(tmp_path / "all.xlsx", People=people, Rooms=[[*heads], [None], [*values.values(), None, None]])
    (line,) = read_csv_file(path, ROOMS).lines
    session = line.message.schedule(ROOM, ROOM)
    assert (line.number, line.message.create(ROOM).capacity) == (3, 8)
    assert session
    assert (session.starts_at, session.duration_minutes) == (FIRST, 60)
    assert [each.message.display_name for each in read_csv_file(path, NEW_PEOPLE).lines] == ["Zoë"]


def test_a_whole_number_may_be_written_with_a_point_as_some_spreadsheets_do(tmp_path: Path) -> None:
    values: dict[str, object] = {**A_ROOM, "capacity": 17}
    plain = a_workbook(tmp_path / "plain.xlsx", Rooms=[[*values], [*values.values()]])
    path = tmp_path / "rooms.xlsx"
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(path, "w") as after:
        for part in before.namelist():
            after.writestr(part, before.read(part).replace(b"<v>17</v>", b"<v>17.0</v>"))
    (line,) = read_csv_file(path, ROOMS).lines
    assert line.message.create(ROOM).capacity == 17


def test_a_day_is_no_time_also_in_a_workbook(tmp_path: Path) -> None:
    row = {**A_ROOM, "first_session": date(2027, 1, 14)}
    path = a_workbook(tmp_path / "rooms.xlsx", Sheet=[[*row], [*row.values()]])
    (fault,) = read_csv_file(path, ROOMS).faults
    assert fault.number == 2


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 and no more", b"\xd0\xcf\x11\xe0 an old workbook"],
    ids=["cut off", "XLS"],
)
def test_a_workbook_that_cannot_be_read_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rooms.xlsx"
    path.write_bytes(content)
    with pytest.raises(OperatorError, match="save it as XLSX"):
        read_csv_file(path, ROOMS)


def test_an_archive_that_is_no_workbook_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "rooms.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    with pytest.raises(OperatorError, match="save it as XLSX"):
        read_csv_file(path, ROOMS)


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_workbook(tmp_path / "rooms.xlsx", Rooms=[[*A_ROOM], [*A_ROOM.values()]])
    monkeypatch.setattr(workbook, "MOST_UNPACKED_BYTES", 1_000)
    with pytest.raises(OperatorError, match="too large once it is unpacked"):
        read_csv_file(path, ROOMS)


def test_files_and_sheets_have_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_workbook(tmp_path / "rooms.xlsx", Rooms=[[*A_ROOM], [*A_ROOM.values()]])
    monkeypatch.setattr(workbook, "MOST_ROWS", 1)
    with pytest.raises(OperatorError, match="more than 1 rows: split it"):
        read_csv_file(path, ROOMS)
    monkeypatch.setattr(csv_file, "MOST_BYTES", 1_000)
    with pytest.raises(OperatorError, match="split it"):
        read_csv_file(path, ROOMS)


def test_rows_without_a_value_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty: list[list[object]] = [[None] * len(A_ROOM)] * 20
    path = a_workbook(tmp_path / "rooms.xlsx", Rooms=[[*A_ROOM], *empty, [*A_ROOM.values()]])
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    assert [each.number for each in read_csv_file(path, ROOMS).lines] == [22]
    monkeypatch.setattr(workbook, "LAST_ROW", 21)
    with pytest.raises(OperatorError, match="split it"):
        read_csv_file(path, ROOMS)


def test_a_version_with_very_many_digits_is_a_bad_line(tmp_path: Path) -> None:
    text = f"room,email,accepted_guidelines\nA,ada@example.org,{'1' * 5_000}\nA,ben@example.org,2\n"
    found = members(tmp_path, text, {"a": ROOM})
    assert [(each.number, each.detail) for each in found.faults] == [
        (2, "accepted_guidelines is not the number of a version")
    ]
    assert [each.message.accepted_guidelines for each in found.lines] == [2]


def test_a_file_in_another_encoding_is_read_if_it_is_named(file: Path) -> None:
    content = templates.template(templates.ROOMS).replace("Ada Moretti", "Zoë Müller").encode("cp1252")
    file.write_bytes(content)
    assert "name its encoding with --encoding" in read_csv_file(file, ROOMS).faults[0].detail
    assert read_csv_file(file, ROOMS, encoding="cp1252").lines[0].message.host_name == "Zoë Müller"
    with pytest.raises(UsageError, match="cp1252"):
        read_csv_file(file, ROOMS, encoding="excel")


def members(tmp_path: Path, text: str, known: dict[str, UUID | None]) -> csv_file.CsvFile[Any]:
    path = tmp_path / "members.csv"
    path.write_text(text, encoding="utf-8")
    return read_csv_file(path, members_by_address(known))


def test_members_name_their_room_by_its_title_or_by_its_id(tmp_path: Path) -> None:
    other = uuid4()
    text = (
        "room;room_id;email;answer:Case\n"
        f"Case  Circle;;ada@example.org;late\n;{other};ben@example.org;\nNowhere;;cleo@example.org;\n"
        "Twice;;dan@example.org;\n;;eva@example.org;\n;7;fay@example.org;\nCase circle;;no address;\n"
        "Case circle;;ADA@example.org;late\n"
    )
    found = members(tmp_path, text, {"case circle": ROOM, "twice": None})
    assert [each.message.room_id for each in found.lines] == [ROOM, other]
    assert found.lines[0].message.request(other).answers == {"Case": "late"}
    assert [(each.number, each.detail.split(":")[0].split(" is")[0]) for each in found.faults] == [
        (4, "room"),
        (5, "room"),
        (6, "nothing in room"),
        (7, "room_id"),
        (8, "email"),
        (9, "differs from line 2, which"),
    ]


def test_what_was_imported_leads_from_titles_and_addresses_to_ids(tmp_path: Path, file: Path) -> None:
    first = rooms(file, {}, {"title": "Another"}, {"host": "ben@example.org", "title": "another"}, {"title": "Not yet"})
    progress = ImportProgress.read_beside(file)
    progress.open(broker="b", digest=first.digest)
    ids = [room_id_of(first.digest, each.message) for each in first.lines[:3]]
    for line, room_id in zip(first.lines, ids, strict=False):
        progress.record_outcome(line.key, "published", room_id)
    rooms(
        file,
        {"capacity": "12"},
        {"title": "Another"},
        {"host": "ben@example.org", "title": "another"},
        {"title": "Not yet"},
    )
    assert imported_rooms(file) == {A_ROOM["title"].casefold(): ids[0], "another": None}
    people = tmp_path / "people.csv"
    people.write_text(templates.template(templates.PEOPLE), encoding="utf-8")
    (person,) = read_csv_file(people, NEW_PEOPLE).lines
    assert imported_people(people) == {}
    kept = ImportProgress.read_beside(people)
    kept.open(broker="b", digest="d")
    kept.record_outcome(person.key, "told", person_id_of("d", person.message))
    people.write_text(templates.template(templates.PEOPLE).replace("Ben Okri", "Ben O."), encoding="utf-8")
    assert imported_people(people) == {"ben@example.org": person_id_of("d", person.message)}


def test_the_id_that_an_import_makes_looks_like_that_of_somebody_who_was_introduced() -> None:
    person = NewPerson(display_name="Ben", email="ben@example.org", locale="en", time_zone="Europe/Rome")
    assert person_id_of("d", person).version == uuid4().version
    assert person_id_of("d", person) == person_id_of("d", person) != person_id_of("e", person)


def test_a_trial_gives_strangers_ids_that_are_nobodys_and_the_same_each_time(tmp_path: Path) -> None:
    known = uuid4()
    found = members(tmp_path, "room,email\nA,ada@example.org\nA,ben@example.org\n", {"a": ROOM})
    tried = [each.message.person_id for each in with_stand_ins(found, {"ben@example.org": known}).lines]
    assert (tried[1], tried[0] not in (known, ROOM)) == (known, True)
    assert next(each.message.person_id for each in with_stand_ins(found, {}).lines) == tried[0]
