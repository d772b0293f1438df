"""Calendar entries, read back as a calendar would: their content, their readers, and that they follow the session."""

import email
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from icalendar import Calendar
from tests.support.every_case import every_case
from tests.unit.notifications.builders import NOW, a_contact, a_room, a_session

from practio_contracts.rooms import Coming, Room, Session
from practio_notifications.delivery.mail import AboutLetter, address_of, assemble
from practio_notifications.letters.kinds import KIND, Method
from practio_notifications.rendering.calendar import CalendarEntry, Numbered, entries
from practio_notifications.rendering.encoding import encoded
from practio_notifications.rendering.mail_addresses import MailAddress
from practio_notifications.rendering.text import Rendered

SENDER = MailAddress("Practio", "practio@rooms.example.org")
ANSWERS = MailAddress("Practio", "answers+5d0c7a3e@rooms.example.org")
READER = address_of(a_contact())


def made(
    *sessions: Session,
    method: Method = Method.REQUEST,
    room: Room | None = None,
    sequence: int = 1,
    answered_to: MailAddress | None = None,
    answer: Coming | None = None,
) -> list[CalendarEntry]:
    numbers = {each.session_id: Numbered(sequence, answered_to, answer) for each in sessions}
    return entries(method, sessions, numbers, room=room or a_room(), reader=READER, sender=SENDER, stamp=NOW)


def read(entry: CalendarEntry) -> tuple[Calendar, Any]:
    """Return the calendar and its one event."""
    calendar = Calendar.from_ical(entry.content)
    [event] = calendar.events
    return calendar, event


def mailed(found: Sequence[CalendarEntry]) -> EmailMessage:
    about = AboutLetter(letter_id=uuid4(), kind=KIND["joined"], room_id=uuid4(), member_id=uuid4(), leaves_at=NOW)
    mail = assemble(
        encoded(Rendered("en", "S", "Text\n", "<p>Text</p>")), about, reader=READER, sender=SENDER, entries=found
    )
    message = email.message_from_bytes(mail.content, policy=default)
    assert message.defects == []
    return message


def test_an_entry_has_the_local_time_of_the_session() -> None:
    session = a_session()
    calendar, event = read(*made(session, sequence=3))
    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    assert (event["UID"], event["SEQUENCE"]) == (str(session.session_id), 3)
    assert (event.start, event.end) == (session.starts_at, session.ends_at)
    assert event["DTSTART"].params["TZID"] == "Europe/Rome"
    assert event["DTSTAMP"].dt == NOW
    assert event["SUMMARY"] == "The first case (Intervision for school heads)"
    assert (event["LOCATION"], event["URL"]) == ("Via Roma 1", "https://meet.example.org/heads")
    assert event["STATUS"] == "CONFIRMED"


@every_case(
    "starts_at",
    [datetime(2026, 3, 28, 18, tzinfo=UTC), datetime(2026, 3, 30, 17, tzinfo=UTC)],
    ids=["winter", "summer"],
)
def test_an_entry_contains_its_time_zone(starts_at: datetime) -> None:
    calendar, event = read(*made(a_session(starts_at=starts_at)))
    [zone] = calendar.timezones
    assert zone["TZID"] == "Europe/Rome"
    local = starts_at.astimezone(ZoneInfo("Europe/Rome")).replace(tzinfo=None)
    assert local.hour == 19
    assert zone.to_tz().utcoffset(local) == starts_at.astimezone(ZoneInfo("Europe/Rome")).utcoffset()
    assert event.start == starts_at


def test_a_session_keeps_its_uid_as_it_moves() -> None:
    session = a_session()
    moved = session.model_copy(update={"starts_at": NOW + timedelta(days=8), "revision": 1})
    (_, before), (_, after) = (read(*made(each)) for each in (session, moved))
    assert before["UID"] == after["UID"]


def test_an_entry_names_only_its_reader_and_the_sender() -> None:
    [entry] = made(a_session())
    _, event = read(entry)
    assert (event["ATTENDEE"], event["ATTENDEE"].params["CN"]) == ("mailto:ada@example.org", "Ada Moretti")
    assert event["ORGANIZER"] == "mailto:practio@rooms.example.org"
    assert entry.content.count(b"mailto:") == 2


def test_an_entry_asks_for_an_answer_at_its_own_address() -> None:
    [entry] = made(a_session(), answered_to=ANSWERS)
    _, event = read(entry)
    assert event["ORGANIZER"] == "mailto:answers+5d0c7a3e@rooms.example.org"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"


@every_case(
    "answer, partstat", [(None, "NEEDS-ACTION"), ("yes", "ACCEPTED"), ("no", "DECLINED"), ("maybe", "TENTATIVE")]
)
def test_an_entry_has_the_answer_that_stands_and_can_be_answered_again(answer: str | None, partstat: str) -> None:
    given = Coming(answer) if answer else None
    _, event = read(*made(a_session(), answered_to=ANSWERS, answer=given))
    assert (event["ATTENDEE"].params["PARTSTAT"], event["ATTENDEE"].params["RSVP"]) == (partstat, "TRUE")


def test_an_entry_that_is_taken_out_has_the_same_organiser_and_asks_nothing() -> None:
    [entry] = made(a_session(), method=Method.CANCEL, answered_to=ANSWERS)
    _, event = read(entry)
    assert event["ORGANIZER"] == "mailto:answers+5d0c7a3e@rooms.example.org"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"


def test_an_entry_that_nobody_answers_says_so() -> None:
    [entry] = made(a_session())
    _, event = read(entry)
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"


def test_a_cancelled_session_has_no_place() -> None:
    calendar, event = read(*made(a_session(), method=Method.CANCEL))
    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert "LOCATION" not in event
    assert "URL" not in event


def test_a_session_may_have_a_place_and_a_link_of_its_own() -> None:
    session = a_session(place="Via Verdi 2", meeting_url="https://meet.example.org/other")
    _, event = read(*made(session))
    assert (event["LOCATION"], event["URL"]) == ("Via Verdi 2", "https://meet.example.org/other")


def test_typed_text_cannot_add_a_property() -> None:
    typed = "A\r\nATTENDEE:mailto:all@example.org;, \\n b"
    [entry] = made(a_session(topic=typed, place=typed), room=a_room(title=typed))
    _, event = read(entry)
    assert event["ATTENDEE"] == "mailto:ada@example.org"
    assert event["LOCATION"] == " ".join(typed.split())


@every_case("method", Method)
def test_one_entry_is_an_alternative_part_with_its_method_named_twice(method: Method) -> None:
    message = mailed(made(a_session(), method=method))
    assert message.get_content_type() == "multipart/alternative"
    *_, part = message.iter_parts()
    assert (part.get_content_type(), part.get_param("method")) == ("text/calendar", method.value)
    assert Calendar.from_ical(part.get_content())["METHOD"] == method.value


def test_several_entries_are_separate_attachments() -> None:
    sessions = [a_session(), a_session()]
    message = mailed(made(*sessions))
    body, *parts = message.iter_parts()
    assert body.get_content_type() == "multipart/alternative"
    assert [part.get_filename() for part in parts] == ["session-1.ics", "session-2.ics"]
    uids = [Calendar.from_ical(part.get_content()).events[0]["UID"] for part in parts]
    assert uids == [str(session.session_id) for session in sessions]
    assert {part.get_param("method") for part in parts} == {"REQUEST"}


def test_a_letter_without_sessions_has_no_entry() -> None:
    assert [part.get_content_type() for part in mailed([]).iter_parts()] == ["text/plain", "text/html"]
