"""Answers of calendars as programs write them: whose, about what, and that no mail ends the reading of others."""

from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import pytest
from tests.support.clients.replies import PROGRAMS, STAMP, a_calendar_reply
from tests.support.every_case import every_case
from tests.support.thorough import mostly_thorough

from practio_contracts.notifications import ReplyMatched
from practio_operator.mailbox.replies import Reply, answer_of, replies_in

REPLY = UUID("5d0c7a3e-4f1b-4c8e-9a52-7be1d20f6c34")
SESSION = UUID("019caf60-59c0-721b-85b7-e215e5bb92ce")
ORGANISER = f"answers+{REPLY}@rooms.example.org"


def reply_of(program: str = "google", **other: object) -> bytes:
    fields: dict[str, object] = {"organiser": ORGANISER, "uid": SESSION, "sequence": 3}
    return a_calendar_reply(program, **(fields | other))  # type: ignore[arg-type]  # each is of its own type


def read(content: bytes) -> Sequence[tuple[UUID, UUID, str, int, str]]:
    found = replies_in(content)
    return [
        (each.report.reply_id, each.report.session_id, each.report.email, each.report.sequence, each.coming)
        for each in found
    ]


def one(content: bytes) -> Reply:
    [reply] = replies_in(content)
    return reply


@every_case("program", PROGRAMS)
def test_the_answer_of_every_program_is_read(program: str) -> None:
    for partstat, coming in {"ACCEPTED": "yes", "DECLINED": "no", "TENTATIVE": "maybe"}.items():
        assert read(reply_of(program, partstat=partstat)) == [(REPLY, SESSION, "ada@example.org", 3, coming)]
    assert one(reply_of(program)).report.replied_at == STAMP


@every_case("program", PROGRAMS)
def test_what_a_person_wrote_beside_it_is_their_note(program: str) -> None:
    assert one(reply_of(program, comment="Più tardi: il treno")).note == "Più tardi: il treno"
    assert one(reply_of(program)).note is None
    assert one(reply_of(program, comment="x" * 500)).note == "x" * 300


def test_an_answer_without_a_comment_states_no_note() -> None:
    """Null would clear what the person wrote on the page."""
    for comment, note in ((None, {}), ("By train", {"note": "By train"})):
        reply = one(reply_of("google", **({"comment": comment} if comment else {})))
        whose = ReplyMatched(email="ada@example.org", person_id=UUID(int=1), room_id=UUID(int=2), session_id=SESSION)
        stated = answer_of(reply, whose).model_dump(exclude_unset=True)
        assert {name: value for name, value in stated.items() if name == "note"} == note
        assert (stated["coming"], stated["person_id"], stated["room_id"]) == ("yes", whose.person_id, whose.room_id)


def test_a_note_has_no_control_characters() -> None:
    assert one(reply_of("apple", comment="One\\nand\\ttwo\x07")).note == "One and\\ttwo"


@every_case("partstat", ["NEEDS-ACTION", "DELEGATED", "", "IN-PROCESS"])
def test_what_is_no_answer_is_none(partstat: str) -> None:
    assert read(reply_of(partstat=partstat)) == []


@every_case("method", ["REQUEST", "COUNTER", "CANCEL", "REFRESH"])
def test_another_message_of_a_calendar_is_no_answer(method: str) -> None:
    content = reply_of("apple").replace(b"METHOD:REPLY", f"METHOD:{method}".encode())
    assert read(content) == []


def test_an_answer_to_somebody_elses_entry_is_not_ours() -> None:
    assert read(reply_of(organiser="marta@example.org")) == []


def test_an_answer_about_a_uid_of_another_system_has_the_id_of_no_session() -> None:
    assert one(reply_of(uid="040000008200E00074C5B7101A82E008@example.net")).report.session_id == UUID(int=0)


def test_an_answer_without_an_organiser_is_known_by_where_it_went() -> None:
    assert b"ORGANIZER" not in reply_of("outlook-web")
    assert one(reply_of("outlook-web", organiser=ORGANISER.upper())).report.reply_id == REPLY


def test_an_answer_without_a_version_is_one_to_the_first() -> None:
    assert one(reply_of("apple").replace(b"SEQUENCE:3\r\n", b"").replace(b"SEQUENCE:3\n", b"")).report.sequence == 0


def test_an_answer_read_twice_has_one_id_and_another_has_its_own() -> None:
    assert one(reply_of()) == one(reply_of())
    assert one(reply_of()).id != one(reply_of(partstat="DECLINED")).id


@pytest.mark.parametrize("mails", mostly_thorough([15, 200], first=1))
@every_case("program", PROGRAMS)
def test_a_damaged_answer_stops_nothing(program: str, mails: int) -> None:
    """Random damage of so many mails each, seeded: what is read of them does not matter here."""
    random = Random(f"damaged {program}")
    content = reply_of(program, comment="Più tardi")
    for _ in range(mails):
        damaged = bytearray(content)
        for _ in range(random.randint(1, 8)):
            at = random.randrange(len(damaged))
            damaged[at : at + random.randint(0, 40)] = random.randbytes(random.randint(0, 6))
        replies_in(bytes(damaged))


@every_case("line", [b"DTSTAMP:99999999T999999Z", b"DTSTAMP:", b"DTSTAMP;VALUE=DATE:20260306"])
def test_an_answer_without_a_time_is_none(line: bytes) -> None:
    assert read(stamped(line)) == []


@every_case(
    ("line", "at"),
    [
        (b"DTSTAMP:20260306T084055", STAMP),
        (b"DTSTAMP:00010101T000000", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_without_an_offset_is_in_utc(line: bytes, at: datetime) -> None:
    assert one(stamped(line)).report.replied_at == at


def stamped(line: bytes) -> bytes:
    """Return an answer with this line instead of its time."""
    content = reply_of("apple").replace(b"DTSTAMP:20260306T084055Z", line)
    assert line + b"\n" in content.replace(b"\r", b"")
    return content


def test_an_answer_that_is_only_a_file_is_read() -> None:
    content = reply_of("google").replace(b"text/calendar", b"text/plain")
    assert [coming for *_, coming in read(content)] == ["yes"]


@every_case(
    ("written", "instead"),
    [
        (b"BEGIN:VCALENDAR", b"\xef\xbb\xbfBEGIN:VCALENDAR"),
        (b'charset="utf-8"', b'charset="x-unheard-of"'),
        (b"later", b"\xff"),
    ],
)
def test_an_answer_in_an_odd_encoding_is_read(written: bytes, instead: bytes) -> None:
    content = reply_of("apple", comment="Più later")
    assert written in content
    assert [coming for *_, coming in read(content.replace(written, instead))] == ["yes"]
