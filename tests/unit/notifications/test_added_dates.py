"""Dates that a series is given later: which they are, which letters list them, and how a reminder brings them."""

import email
from datetime import timedelta
from email.policy import default
from uuid import UUID, uuid4

from tests.support.every_case import every_case
from tests.unit.notifications.builders import HOST, NOW, a_contact, a_room_event, a_session

from practio_contracts.rooms import Session, SessionRescheduled, SessionScheduled
from practio_notifications.delivery.mail import AboutLetter, address_of, assemble
from practio_notifications.letters.added_dates import is_added
from practio_notifications.letters.dates import AnnouncedSession, missing_dates, sessions_of
from practio_notifications.letters.kinds import KIND, Method
from practio_notifications.rendering.calendar import CalendarEntry
from practio_notifications.rendering.encoding import encoded
from practio_notifications.rendering.mail_addresses import MailAddress
from practio_notifications.rendering.text import Rendered

SERIES, COMMAND = UUID(int=70), UUID(int=71)


def a_date(weeks: int, **fields: object) -> Session:
    return a_session(series_id=SERIES, starts_at=NOW + timedelta(weeks=weeks), **fields)


@every_case(
    ("session", "by", "added"),
    [
        (a_date(12), "system", True),
        (a_date(12), str(HOST), False),
        (a_date(1, session_id=SERIES), "system", False),
        (a_session(), "system", False),
    ],
    ids=["by a timer", "by a host", "the first of a series", "a single session"],
)
def test_a_further_date_by_the_system_is_added_to_its_series(session: Session, by: str, *, added: bool) -> None:
    assert is_added(a_room_event(SessionScheduled, session=session), by) is added  # type: ignore[arg-type]


def test_a_moved_date_is_not_an_added_one() -> None:
    moved = a_room_event(SessionRescheduled, session=a_date(12, revision=1))
    assert not is_added(moved, "system")  # type: ignore[arg-type]


def test_an_announcement_lists_all_added_dates_that_its_reader_lacks() -> None:
    planned, entered, first, second, off, over = (
        AnnouncedSession(a_date(1), COMMAND),
        AnnouncedSession(a_date(9), uuid4(), was_added=True, is_entered=True),
        AnnouncedSession(a_date(10), uuid4(), was_added=True),
        AnnouncedSession(a_date(11), uuid4(), was_added=True),
        AnnouncedSession(a_date(12, status="cancelled"), uuid4(), was_added=True),
        AnnouncedSession(a_date(-1), uuid4(), was_added=True),
    )
    known = [second, off, over, first, planned, entered]
    missing = [first.session, second.session]
    assert missing_dates(known, NOW) == missing
    announced = a_room_event(SessionScheduled, session=first.session)
    assert sessions_of(announced, uuid4(), known, in_room=True, now=NOW) == missing
    by_host = a_room_event(SessionScheduled, session=planned.session)
    assert sessions_of(by_host, COMMAND, known, in_room=True, now=NOW) == [planned.session]


@every_case(("kind", "is_form"), [("session-scheduled", True), ("session-reminder", False)])
def test_the_one_entry_of_a_reminder_is_attached_since_it_is_about_another_date(kind: str, *, is_form: bool) -> None:
    about = AboutLetter(letter_id=uuid4(), room_id=uuid4(), member_id=uuid4(), kind=KIND[kind], leaves_at=NOW)
    rendered, reader = Rendered("en", "A subject", "Text\n", "<p>Text</p>"), address_of(a_contact())
    entry = CalendarEntry(Method.REQUEST, b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    sender = MailAddress("Practio", "practio@rooms.example.org")
    mail = assemble(encoded(rendered), about, reader=reader, sender=sender, entries=[entry])
    message = email.message_from_bytes(mail.content, policy=default)
    [part] = [each for each in message.walk() if each.get_content_type() == "text/calendar"]
    assert (part.get_filename() is None) is is_form
    assert message.get_content_type() == ("multipart/alternative" if is_form else "multipart/mixed")
