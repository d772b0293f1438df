"""Imports before they are for real: the notes on lines, the pages of questions, the report."""

import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from practio_contracts.membership import RefusalCode, RequestToJoin
from practio_contracts.people import PersonRegistered
from practio_operator.imports.columns import PEOPLE
from practio_operator.imports.csv_file import CsvFile, CsvLine, LineFault, read_csv_file
from practio_operator.imports.letters import NO_ADDRESS, lines_without_address
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import LineRefusal
from practio_operator.imports.report import ImportReport
from practio_operator.imports.trial import MOST_BYTES, MOST_LINES, first_page

README = Path(__file__).parents[3] / "deploy" / "README.md"

NOT_MET = {
    RefusalCode.NO_OFFER,
    RefusalCode.OFFER_EXPIRED,
    RefusalCode.NOT_WAITING,
    RefusalCode.NOT_A_MEMBER,
    RefusalCode.HOST_STAYS,
    RefusalCode.INVITATION_UNKNOWN,
    RefusalCode.VERSION_CONFLICT,
    RefusalCode.UNIDENTIFIED,
}
"""The codes that neither a request nor its approval by the system is refused with."""


def people(file: Path, *addresses: str) -> CsvFile[PersonRegistered]:
    lines = [f"{uuid4()},Ada,{each},it,Europe/Rome" for each in addresses]
    file.write_text("\n".join(["person_id,display_name,email,locale,time_zone", *lines]), encoding="utf-8")
    return read_csv_file(file, PEOPLE)


def a_line(number: int, **fields: object) -> CsvLine[RequestToJoin]:
    message = RequestToJoin.model_validate({"room_id": UUID(int=1), "person_id": uuid4(), **fields})
    return CsvLine(number, uuid4(), message)


@pytest.mark.parametrize(
    "address",
    ["jürgen@example.org", "a..b@example.org", "ada@x_y.example.org", "ada@example..org", f"ada@{'x' * 64}.org"],
)
def test_a_line_to_whose_address_no_letter_will_ever_leave_is_named_and_imported(tmp_path: Path, address: str) -> None:
    csv_file = people(tmp_path / "people.csv", "ada@example.org", address, "ada@bücher.example", "ada@intranet.local")
    notes = lines_without_address(csv_file)
    assert (notes, len(csv_file.lines)) == ({3: NO_ADDRESS}, 4)
    report = ImportReport.of(csv_file, ImportProgress.read_beside(tmp_path / "people.csv"), for_real=False)
    report.add_notes(notes)
    first, counts, _ = report.texts()
    assert first == f"line 3: ready; {NO_ADDRESS}"
    assert counts == "4 ready"
    assert (address in first, report.is_left) == (False, False)


def test_a_trial_lists_who_would_wait_and_what_would_be_refused(tmp_path: Path) -> None:
    csv_file = CsvFile("digest", [a_line(number) for number in (2, 3, 5, 6)], [LineFault(4, "not in UTF-8")])
    report = ImportReport.of(csv_file, ImportProgress.read_beside(tmp_path / "room.csv"), for_real=False)
    report.set_outcome(2, "joined")
    report.set_outcome(3, "waitlisted")
    report.set_outcome(5, LineRefusal("barred", "only the host can lift the bar"))
    report.set_outcome(6, "joined")
    report.add_notes({5: "not registered", 6: "not registered"})
    assert [*report.texts()] == [
        "line 3: ready: waitlisted",
        "line 4: bad: not in UTF-8",
        "line 5: refused: barred: only the host can lift the bar",
        "line 6: ready: joined; not registered",
        "3 ready, 1 bad, 1 refused",
        "Nothing was changed; --for-real imports the lines.",
    ]
    assert report.is_left


def test_a_question_holds_as_many_lines_as_fit_into_a_message() -> None:
    short = [a_line(number) for number in range(MOST_LINES + 1)]
    assert len(first_page(short)) == MOST_LINES
    long = [a_line(number, answers={"Case": "周" * 4_000}) for number in range(30)]
    page = first_page(long)
    assert sum(len(line.message.model_dump_json().encode()) for line in page) < MOST_BYTES * 1.1
    assert 1 < len(page) < len(long)
    longest = [a_line(0, answers={str(each): "周" * 5_000 for each in range(4)})] * 3
    assert len(first_page(longest)) >= 1
    assert list(first_page([])) == []


def test_the_readme_lists_every_refusal_that_an_import_can_meet() -> None:
    section = README.read_text(encoding="utf-8").partition("**What the trial finds.**")[2].partition("\n\n- ")[0]
    listed = [
        code for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for code in re.findall("`(.+?)`", row)
    ]
    assert len(listed) == len(set(listed))
    assert {*listed} == {each.value for each in RefusalCode if each not in NOT_MET}
