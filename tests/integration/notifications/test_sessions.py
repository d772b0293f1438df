"""Sessions: correct in any order of events, one letter per command, calendar entries that follow people in and out."""

from itertools import permutations
from uuid import UUID, uuid4

import pytest
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    membership_event,
    person_registered,
)
from tests.integration.notifications.room_events import (
    a_person_in_a_room,
    entries_of,
    events_of,
    remind,
    room_event,
    session_of,
    time_is_up,
)
from tests.support.eventually import eventually
from tests.support.stack.example_service import received
from tests.support.thorough import mostly_thorough
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Ended, Joined, Status, Waitlisted, Withdrawn
from practio_contracts.notifications import SetPreferences
from practio_contracts.rooms import (
    RoomCancelled,
    RoomRevised,
    SessionCancelled,
    SessionRescheduled,
    SessionRevised,
    SessionScheduled,
    SessionStatus,
)


async def kinds(notifications: NotificationsService, person_id: UUID) -> list[str]:
    return sorted(letter.kind for letter in await notifications.letters(person_id))


async def settled(
    notifications: NotificationsService, applicant: Applicant, person_id: UUID, expected: dict[str, str]
) -> MailServer:
    """Let time pass until the letters to a person have these statuses; return the mail server they went to."""
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await notifications.settled_all(person_id, expected)
    return server


async def test_a_new_series_sends_one_letter_to_everybody_except_its_planner(
    notifications: NotificationsService,
) -> None:
    applicant = await a_person_in_a_room(notifications)
    cause, dates = uuid4(), [session_of(applicant, days=7 * week) for week in range(1, 4)]
    events = [room_event(SessionScheduled, applicant, cause=cause, session=date) for date in dates]
    await notifications.receive(*events[:2])
    await notifications.receive(events[2])
    assert await kinds(notifications, applicant.person_id) == ["session-scheduled"]
    assert await notifications.letters(applicant.room.host_id) == []
    server = await settled(notifications, applicant, applicant.person_id, {"session-scheduled": "sent"})
    expected = [("REQUEST", str(date.session_id), 1) for date in dates]
    assert entries_of(server, applicant.person_id) == expected


async def test_a_date_published_after_the_letter_left_has_its_own_letter(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    cause, (first, late) = uuid4(), (session_of(applicant), session_of(applicant, days=14))
    await notifications.receive(room_event(SessionScheduled, applicant, cause=cause, session=first))
    await settled(notifications, applicant, applicant.person_id, {"session-scheduled": "sent"})
    await notifications.receive(room_event(SessionScheduled, applicant, cause=cause, session=late))
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await eventually(lambda: bool(server.letters), message="a second letter")
    assert entries_of(server, applicant.person_id) == [("REQUEST", str(late.session_id), 1)]


@pytest.mark.parametrize("order", mostly_thorough(permutations((2, 1, 0)), first=2))
async def test_the_newest_version_of_a_session_counts_in_any_order_of_arrival(
    notifications: NotificationsService, order: tuple[int, ...]
) -> None:
    applicant = await a_person_in_a_room(notifications)
    planned = session_of(applicant)
    moved = session_of(applicant, days=8, session_id=planned.session_id, revision=1)
    off = moved.model_copy(update={"revision": 2, "status": SessionStatus.CANCELLED})
    events = [
        room_event(SessionScheduled, applicant, session=planned),
        room_event(SessionRescheduled, applicant, session=moved, former_starts_at=planned.starts_at),
        room_event(SessionCancelled, applicant, session=off),
    ]
    for place in order:
        await notifications.receive(events[place], events[place])
    await notifications.do("DELETE FROM inbox")
    await notifications.receive(*(events[place] for place in order))
    [row] = await notifications.rows("SELECT * FROM session WHERE session_id = :id", id=planned.session_id)
    assert (row.revision, row.starts_at, row.snapshot["status"]) == (2, moved.starts_at, "cancelled")
    assert row.remind_at is None
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await eventually(lambda: bool(server.letters), message="a letter")
    assert entries_of(server, applicant.person_id) == [("CANCEL", str(planned.session_id), 3)]
    assert {letter["Feedback-ID"] for letter in server.letters} == {"session-cancelled:transactional:practio"}


async def test_a_rooms_new_link_is_one_letter_with_entries_of_the_sessions_held_there(
    notifications: NotificationsService,
) -> None:
    applicant = await a_person_in_a_room(notifications)
    here, elsewhere = session_of(applicant), session_of(applicant, meeting_url="https://meet.example.org/own")
    scheduled = [room_event(SessionScheduled, applicant, session=each) for each in (here, elsewhere)]
    await notifications.receive(*scheduled)
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=applicant.room.room_id)
    link = {"meeting_url": "https://meet.example.org/new"}
    await notifications.receive(room_event(RoomRevised, applicant, room=link, changed_fields=["meeting_url"]))
    await notifications.receive(room_event(RoomRevised, applicant, room=link, changed_fields=["purpose"]))
    server = await settled(notifications, applicant, applicant.person_id, {"room-moved": "sent"})
    assert [uid for _, uid, _ in entries_of(server, applicant.person_id)] == [str(here.session_id)]
    assert b"meet.example.org/new" in server.letters[0].as_bytes()
    assert await notifications.letters(applicant.room.host_id) == []


async def test_a_rooms_new_title_is_one_letter_with_newer_entries_of_all_coming_sessions(
    notifications: NotificationsService,
) -> None:
    applicant = await a_person_in_a_room(notifications)
    here, elsewhere = session_of(applicant), session_of(applicant, days=8, place="Via Verdi 2")
    await notifications.receive(room_event(SessionScheduled, applicant, session=here))
    await settled(notifications, applicant, applicant.person_id, {"session-scheduled": "sent"})
    await notifications.receive(room_event(SessionScheduled, applicant, session=elsewhere))
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=applicant.room.room_id)
    for title in ("Intervison", "Intervision, evenings"):
        renamed = room_event(RoomRevised, applicant, room={"title": title}, changed_fields=["title"])
        await notifications.receive(renamed)
    server = await settled(notifications, applicant, applicant.person_id, {"room-renamed": "sent"})
    entered = [("REQUEST", str(here.session_id), 2), ("REQUEST", str(elsewhere.session_id), 1)]
    assert entries_of(server, applicant.person_id) == entered
    [letter] = server.letters
    assert "Intervision, evenings" in letter["Subject"]
    summaries = {str(event["SUMMARY"]) for _, event in events_of(server, applicant.person_id)}
    assert summaries == {"The first case (Intervision, evenings)"}
    assert await notifications.letters(applicant.room.host_id) == []


async def test_a_rooms_new_title_has_no_letter_if_no_session_comes(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    renamed = room_event(RoomRevised, applicant, room={"title": "Intervision, evenings"}, changed_fields=["title"])
    await notifications.receive(renamed)
    server = await settled(notifications, applicant, applicant.person_id, {"room-renamed": "skipped"})
    assert server.letters == []


async def test_dates_revised_by_one_command_are_one_letter(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    dates = [session_of(applicant, days=7 * week) for week in range(1, 3)]
    await notifications.receive(*(room_event(SessionScheduled, applicant, session=each) for each in dates))
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=applicant.room.room_id)
    cause, now = uuid4(), [each.model_copy(update={"topic": "Another", "revision": 1}) for each in dates]
    revised = [
        room_event(SessionRevised, applicant, cause=cause, session=each, changed_fields=["topic"]) for each in now
    ]
    await notifications.receive(*revised)
    server = await settled(notifications, applicant, applicant.person_id, {"session-revised": "sent"})
    assert [uid for _, uid, _ in entries_of(server, applicant.person_id)] == [str(each.session_id) for each in dates]


async def test_sessions_enter_and_leave_a_calendar_with_a_seat(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    session, over = session_of(applicant), session_of(applicant, days=-1)
    await notifications.receive(*(room_event(SessionScheduled, applicant, session=each) for each in (session, over)))
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=applicant.room.room_id)
    newcomer = Applicant(applicant.room, uuid4(), uuid4())
    await notifications.receive(
        person_registered(newcomer.person_id),
        membership_event(an_event(Joined, newcomer.membership(Status.JOINED, by="system"))),
    )
    server = await settled(notifications, applicant, newcomer.person_id, {"joined": "sent"})
    assert entries_of(server, newcomer.person_id) == [("REQUEST", str(session.session_id), 1)]
    await notifications.receive(membership_event(an_event(Withdrawn, newcomer.membership(Status.WITHDRAWN, version=2))))
    server = await settled(notifications, applicant, newcomer.person_id, {"joined": "sent", "withdrawn": "sent"})
    assert entries_of(server, newcomer.person_id) == [("CANCEL", str(session.session_id), 2)]
    again = Applicant(applicant.room, newcomer.person_id, uuid4())
    await notifications.do("DELETE FROM letter WHERE person_id = :id", id=newcomer.person_id)
    await notifications.receive(membership_event(an_event(Joined, again.membership(Status.JOINED, by="system"))))
    server = await settled(notifications, applicant, newcomer.person_id, {"joined": "sent"})
    assert entries_of(server, newcomer.person_id) == [("REQUEST", str(session.session_id), 3)]


async def test_the_end_of_a_room_is_one_letter_each_that_cancels_its_sessions(
    notifications: NotificationsService,
) -> None:
    applicant = await a_person_in_a_room(notifications)
    waiting = Applicant(applicant.room, uuid4(), uuid4())
    session = session_of(applicant)
    await notifications.receive(
        person_registered(waiting.person_id),
        room_event(SessionScheduled, applicant, session=session),
        membership_event(an_event(Waitlisted, waiting.membership(Status.WAITLISTED))),
    )
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=applicant.room.room_id)
    over = {"status": "cancelled"}
    off = session.model_copy(update={"status": SessionStatus.CANCELLED, "revision": 1})
    host = str(applicant.room.host_id)
    await notifications.receive(
        room_event(RoomCancelled, applicant, room=over, reason="Too few"),
        room_event(SessionCancelled, applicant, room=over, session=off),
        *(
            membership_event(an_event(Ended, each.membership(Status.ENDED, version=2, by=host)))
            for each in (applicant, waiting)
        ),
    )
    server = await settled(
        notifications, applicant, applicant.person_id, {"room-cancelled": "sent", "ended": "skipped"}
    )
    assert entries_of(server, applicant.person_id) == [("CANCEL", str(session.session_id), 2)]
    await settled(notifications, applicant, waiting.person_id, {"ended": "sent"})
    assert await notifications.letters(applicant.room.host_id) == []


async def test_everybody_who_wants_a_reminder_gets_one_the_day_before_a_session(
    notifications: NotificationsService,
) -> None:
    applicant = await a_person_in_a_room(notifications)
    await reads_at_any_hour(notifications, applicant.person_id)
    other = Applicant(applicant.room, uuid4(), uuid4())
    await notifications.receive(
        person_registered(other.person_id),
        membership_event(an_event(Joined, other.membership(Status.JOINED, by="system"))),
    )
    await notifications.send(
        received(SetPreferences(person_id=other.person_id, reminders=False), actor=other.person_id)
    )
    session = session_of(applicant, days=1.5)
    await notifications.receive(room_event(SessionScheduled, applicant, session=session))
    await remind(notifications)
    assert "session-reminder" not in await kinds(notifications, applicant.person_id)
    await a_day_before(notifications, session.session_id)
    await remind(notifications)
    await remind(notifications)
    for person_id in (applicant.person_id, applicant.room.host_id):
        assert (await kinds(notifications, person_id)).count("session-reminder") == 1
    assert "session-reminder" not in await kinds(notifications, other.person_id)
    server = await settled(
        notifications, applicant, applicant.person_id, {"session-scheduled": "sent", "session-reminder": "sent"}
    )
    assert "Reminder: “Intervision for school heads” meets soon" in {letter["Subject"] for letter in server.letters}


async def test_a_session_planned_within_a_day_has_no_reminder(notifications: NotificationsService) -> None:
    applicant = await a_person_in_a_room(notifications)
    session = session_of(applicant, days=0.5)
    await notifications.receive(room_event(SessionScheduled, applicant, session=session))
    [row] = await notifications.rows("SELECT remind_at FROM session WHERE session_id = :id", id=session.session_id)
    assert row.remind_at is None


async def test_the_reminder_of_a_session_moved_at_the_last_minute_is_not_sent(
    notifications: NotificationsService,
) -> None:
    applicant = await a_person_in_a_room(notifications)
    await reads_at_any_hour(notifications, applicant.person_id)
    session = session_of(applicant, days=1.5)
    await notifications.receive(room_event(SessionScheduled, applicant, session=session))
    await a_day_before(notifications, session.session_id)
    await remind(notifications)
    moved = session_of(applicant, days=3, session_id=session.session_id, revision=1)
    await notifications.receive(
        room_event(SessionRescheduled, applicant, session=moved, former_starts_at=session.starts_at)
    )
    expected = {"session-scheduled": "skipped", "session-rescheduled": "sent", "session-reminder": "skipped"}
    await settled(notifications, applicant, applicant.person_id, expected)


async def a_day_before(notifications: NotificationsService, session_id: UUID) -> None:
    """Let it be time to remind of a session."""
    await notifications.do("UPDATE session SET remind_at = now() WHERE session_id = :id", id=session_id)


async def reads_at_any_hour(notifications: NotificationsService, person_id: UUID) -> None:
    """Set no quiet hours for a person, whatever the time."""
    await notifications.send(received(SetPreferences(person_id=person_id, quiet_hours=None), actor=person_id))
