"""Answers of calendars: counted if letter, address, session and SEQUENCE agree, and only the newest."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from icalendar import Event
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    person_erased,
)
from tests.integration.notifications.room_events import (
    a_person_in_a_room,
    events_of,
    room_event,
    session_of,
    time_is_up,
)
from tests.support.eventually import eventually
from tests.support.stack.example_service import received

from practio_chassis.context import ReceivedMessage
from practio_contracts.message import Message
from practio_contracts.notifications import CALENDAR_REPLY, ReportReply
from practio_contracts.rooms import (
    RoomRevised,
    Session,
    SessionAnswered,
    SessionRescheduled,
    SessionRevised,
    SessionScheduled,
)

ANSWERS = {"mail_replies": "answers+{reply}@example.org"}
AN_HOUR_AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


async def letters_sent(notifications: NotificationsService, applicant: Applicant, **settings: str) -> list[Event]:
    """Let the letters that wait leave; return the calendar entries that came to the person."""
    async with listening(MailServer()) as server, notifications.sending(server, **settings):
        await time_is_up(notifications, applicant)
        await eventually(lambda: bool(events_of(server, applicant.person_id)), message="calendar entries")
    return [event for _, event in events_of(server, applicant.person_id)]


async def an_entry(notifications: NotificationsService) -> tuple[Applicant, Session, Event]:
    """Have a session planned; return a person in the room, the session, and the entry that asks them."""
    applicant = await a_person_in_a_room(notifications)
    session = session_of(applicant)
    await notifications.receive(room_event(SessionScheduled, applicant, session=session))
    [entry] = await letters_sent(notifications, applicant, **ANSWERS)
    return applicant, session, entry


def answered_at(entry: Event) -> UUID:
    """Return the id in the address of an entry's organiser."""
    address = str(entry["ORGANIZER"])
    assert address.startswith("mailto:answers+")
    return UUID(address.partition("+")[2].partition("@")[0])


async def replied(
    notifications: NotificationsService, applicant: Applicant, entry: Event, actor: UUID | str = "system", **other: Any
) -> dict[str, Any]:
    """Report the answer of a calendar to an entry; ``other`` is what differs from it. Return the answer's data."""
    fields = {
        "reply_id": answered_at(entry),
        "session_id": UUID(str(entry["UID"])),
        "email": f"{applicant.person_id}@example.org",
        "sequence": entry.sequence,
        "replied_at": AN_HOUR_AGO,
    }
    return await notifications.send(
        received(ReportReply.model_validate(fields | other), actor=actor, account="practio-notifications")
    )


async def test_an_answer_is_matched_with_person_room_and_session(notifications: NotificationsService) -> None:
    applicant, session, entry = await an_entry(notifications)
    email = f"{applicant.person_id}@EXAMPLE.org"
    answer = await replied(notifications, applicant, entry, email=email)
    assert answer["changed"]
    assert answer["state"] == {
        "email": email,
        "person_id": str(applicant.person_id),
        "room_id": str(applicant.room.room_id),
        "session_id": str(session.session_id),
    }


async def test_a_forged_or_foreign_answer_is_refused(notifications: NotificationsService) -> None:
    applicant, _, entry = await an_entry(notifications)
    wrong: dict[str, dict[str, Any]] = {
        "reply-unknown": {"reply_id": uuid4()},
        "other-session": {"session_id": uuid4()},
        "other-address": {"email": "somebody-else@example.org"},
        "outdated": {"sequence": entry.sequence - 1},
    }
    answers = {code: await replied(notifications, applicant, entry, **each) for code, each in wrong.items()}
    assert {code: answer["code"] for code, answer in answers.items()} == {code: code for code in wrong}
    assert (await replied(notifications, applicant, entry, actor=applicant.person_id))["code"] == "not-allowed"


async def test_an_answer_to_the_time_before_a_move_is_refused_from_the_move_on(
    notifications: NotificationsService,
) -> None:
    applicant, session, before = await an_entry(notifications)
    moved = session.model_copy(update={"starts_at": session.starts_at + timedelta(days=1), "revision": 1})
    await notifications.receive(
        room_event(SessionRescheduled, applicant, session=moved, former_starts_at=session.starts_at)
    )
    assert (await replied(notifications, applicant, before))["code"] == "outdated"
    [after] = await letters_sent(notifications, applicant, **ANSWERS)
    assert (await replied(notifications, applicant, before))["code"] == "outdated"
    assert (await replied(notifications, applicant, after))["changed"]


async def test_a_late_answer_does_not_replace_a_newer_one(notifications: NotificationsService) -> None:
    applicant, _, entry = await an_entry(notifications)
    assert (await replied(notifications, applicant, entry))["changed"]
    assert not (await replied(notifications, applicant, entry))["changed"]
    earlier = AN_HOUR_AGO - timedelta(seconds=1)
    assert (await replied(notifications, applicant, entry, replied_at=earlier))["code"] == "outdated"


def answer_in_rooms(
    applicant: Applicant, session: Session, coming: str, at: datetime, correlation: str = "a-page", **other: Any
) -> ReceivedMessage[Message]:
    """Return the event of an answer that rooms accepted at a time, from a page or passed on from a calendar."""
    about = {"room_id": applicant.room.room_id, "session_id": session.session_id, "person_id": applicant.person_id}
    event = SessionAnswered.model_validate(about | {"coming": coming, "starts_at": session.starts_at} | other)
    attributes: dict[str, Any] = {"actor": applicant.person_id, "time": at, "correlationid": correlation}
    return received(event, account="practio-rooms", source="/practio/rooms", **attributes)


async def test_a_late_answer_of_a_calendar_does_not_replace_a_newer_one_from_a_page(
    notifications: NotificationsService,
) -> None:
    applicant, session, entry = await an_entry(notifications)
    after = AN_HOUR_AGO + timedelta(minutes=1)
    await notifications.receive(answer_in_rooms(applicant, session, "no", after))
    assert (await replied(notifications, applicant, entry))["code"] == "outdated"
    assert (await replied(notifications, applicant, entry, replied_at=after))["changed"]


async def test_an_answer_from_a_page_to_another_time_or_passed_on_from_another_keeps_no_calendar_from_answering(
    notifications: NotificationsService,
) -> None:
    applicant, session, entry = await an_entry(notifications)
    after, before_a_move = AN_HOUR_AGO + timedelta(minutes=1), session.starts_at - timedelta(days=1)
    mine = answer_in_rooms(applicant, session, "no", after, starts_at=before_a_move)
    await notifications.receive(mine)
    assert (await replied(notifications, applicant, entry))["changed"]

    applicant, session, entry = await an_entry(notifications)
    await notifications.receive(answer_in_rooms(applicant, session, "no", after, f"{CALENDAR_REPLY}{uuid4()}"))
    assert (await replied(notifications, applicant, entry))["changed"]


async def test_a_calendar_whose_clock_is_fast_does_not_end_answering(notifications: NotificationsService) -> None:
    applicant, _, entry = await an_entry(notifications)
    ahead = datetime.now(UTC) + timedelta(days=9)
    assert (await replied(notifications, applicant, entry, replied_at=ahead))["changed"]
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert (await replied(notifications, applicant, entry, replied_at=later))["changed"]


async def test_a_newer_entry_brings_the_answer_that_stands_and_a_move_asks_again(
    notifications: NotificationsService,
) -> None:
    applicant, session, entry = await an_entry(notifications)
    await notifications.receive(answer_in_rooms(applicant, session, "yes", AN_HOUR_AGO))
    revised = session.model_copy(update={"topic": "Another case", "revision": 1})
    event = room_event(SessionRevised, applicant, session=revised, changed_fields=["topic"])
    await notifications.receive(event)
    [after] = await letters_sent(notifications, applicant, **ANSWERS)
    moved = revised.model_copy(update={"starts_at": session.starts_at + timedelta(minutes=5), "revision": 2})
    event = room_event(SessionRescheduled, applicant, session=moved, former_starts_at=session.starts_at)
    await notifications.receive(event)
    [again] = await letters_sent(notifications, applicant, **ANSWERS)
    answers = [each["ATTENDEE"].params["PARTSTAT"] for each in (entry, after, again)]
    assert answers == ["NEEDS-ACTION", "ACCEPTED", "NEEDS-ACTION"]


async def test_an_entry_keeps_its_organiser(notifications: NotificationsService) -> None:
    """Calendars ignore an entry of another organiser, so neither a new letter nor a new setting changes it."""
    applicant, _, entry = await an_entry(notifications)
    link = {"meeting_url": "https://meet.example.org/new"}
    await notifications.receive(room_event(RoomRevised, applicant, room=link, changed_fields=["meeting_url"]))
    [again] = await letters_sent(notifications, applicant, **ANSWERS)
    assert (again["ORGANIZER"], again.sequence) == (entry["ORGANIZER"], entry.sequence + 1)

    other = await a_person_in_a_room(notifications)
    planned = session_of(other)
    await notifications.receive(room_event(SessionScheduled, other, session=planned))
    [silent] = await letters_sent(notifications, other)
    await notifications.receive(room_event(RoomRevised, other, room=link, changed_fields=["meeting_url"]))
    [updated] = await letters_sent(notifications, other, **ANSWERS)
    assert silent["ORGANIZER"] == updated["ORGANIZER"] == "mailto:practio@example.org"
    assert updated["ATTENDEE"].params["RSVP"] == "FALSE"


async def test_an_erased_person_answers_no_more(notifications: NotificationsService) -> None:
    applicant, _, entry = await an_entry(notifications)
    await notifications.receive(person_erased(applicant.person_id))
    assert (await replied(notifications, applicant, entry))["code"] == "reply-unknown"
