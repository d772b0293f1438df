"""Sessions: kept whatever order they are told in, one letter for one command, entries that follow people in and out."""

from itertools import permutations
from uuid import UUID, uuid4

import pytest
from tests.integration.notifications.post import Post, Way, registered, told
from tests.integration.notifications.rooms import (
    a_person_in_a_room,
    entries_of,
    of_room,
    remind,
    session_of,
    time_is_up,
)
from tests.integration.notifications.servers import MailServer, listening
from tests.support.eventually import eventually
from tests.support.stack.handling import received
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Ended, Joined, Status, Waitlisted, Withdrawn
from practio_contracts.notifications import SetPreferences
from practio_contracts.rooms import RoomCancelled, SessionCancelled, SessionRescheduled, SessionScheduled, SessionStatus


async def kinds(post: Post, person_id: UUID) -> list[str]:
    return sorted(letter.kind for letter in await post.letters(person_id))


async def settled(post: Post, way: Way, person_id: UUID, expected: dict[str, str]) -> MailServer:
    """Let time pass until the letters to a person have these statuses; gives the mail server they went to."""
    async with listening(MailServer()) as server, post.sending(server):
        await time_is_up(post, way)
        await post.settled_all(person_id, expected)
    return server


async def test_the_dates_of_a_series_are_told_in_one_letter_to_all_but_who_planned_them(post: Post) -> None:
    way = await a_person_in_a_room(post)
    cause, dates = uuid4(), [session_of(way, days=7 * week) for week in range(1, 4)]
    events = [of_room(SessionScheduled, way, cause=cause, session=date) for date in dates]
    await post.hear(*events[:2])
    await post.hear(events[2])
    assert await kinds(post, way.person_id) == ["session-scheduled"]
    assert await post.letters(way.room.host_id) == []
    server = await settled(post, way, way.person_id, {"session-scheduled": "sent"})
    expected = [("REQUEST", str(date.session_id), 0) for date in dates]
    assert entries_of(server, way.person_id) == expected


async def test_a_date_that_is_told_after_the_letter_has_left_has_a_letter_of_its_own(post: Post) -> None:
    way = await a_person_in_a_room(post)
    cause, (first, late) = uuid4(), (session_of(way), session_of(way, days=14))
    await post.hear(of_room(SessionScheduled, way, cause=cause, session=first))
    await settled(post, way, way.person_id, {"session-scheduled": "sent"})
    await post.hear(of_room(SessionScheduled, way, cause=cause, session=late))
    async with listening(MailServer()) as server, post.sending(server):
        await time_is_up(post, way)
        await eventually(lambda: bool(server.letters), saying="a second letter")
    assert entries_of(server, way.person_id) == [("REQUEST", str(late.session_id), 0)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_session_ends_as_it_was_told_last_in_whatever_order_it_is_received(
    post: Post, order: tuple[int, ...]
) -> None:
    way = await a_person_in_a_room(post)
    planned = session_of(way)
    moved = session_of(way, days=8, session_id=planned.session_id, revision=1)
    off = moved.model_copy(update={"revision": 2, "status": SessionStatus.CANCELLED})
    events = [
        of_room(SessionScheduled, way, session=planned),
        of_room(SessionRescheduled, way, session=moved, former_starts_at=planned.starts_at),
        of_room(SessionCancelled, way, session=off),
    ]
    for place in order:
        await post.hear(events[place], events[place])
    await post.do("DELETE FROM inbox")
    await post.hear(*(events[place] for place in order))
    [row] = await post.rows("SELECT * FROM session WHERE session_id = :id", id=planned.session_id)
    assert (row.revision, row.starts_at, row.snapshot["status"]) == (2, moved.starts_at, "cancelled")
    assert row.remind_at is None
    async with listening(MailServer()) as server, post.sending(server):
        await time_is_up(post, way)
        await eventually(lambda: bool(server.letters), saying="a letter")
    assert entries_of(server, way.person_id) == [("CANCEL", str(planned.session_id), 2)]
    assert {letter["Feedback-ID"] for letter in server.letters} == {"session-cancelled:transactional:practio"}


async def test_who_comes_takes_the_next_sessions_along_and_who_leaves_loses_them(post: Post) -> None:
    way = await a_person_in_a_room(post)
    session, over = session_of(way), session_of(way, days=-1)
    await post.hear(*(of_room(SessionScheduled, way, session=each) for each in (session, over)))
    await post.do("DELETE FROM letter WHERE room_id = :room_id", room_id=way.room.room_id)
    newcomer = Way(way.room, uuid4(), uuid4())
    await post.hear(
        registered(newcomer.person_id), told(an_event(Joined, newcomer.membership(Status.JOINED, by="system")))
    )
    server = await settled(post, way, newcomer.person_id, {"joined": "sent"})
    assert entries_of(server, newcomer.person_id) == [("REQUEST", str(session.session_id), 0)]
    await post.hear(told(an_event(Withdrawn, newcomer.membership(Status.WITHDRAWN, version=2))))
    server = await settled(post, way, newcomer.person_id, {"joined": "sent", "withdrawn": "sent"})
    assert entries_of(server, newcomer.person_id) == [("CANCEL", str(session.session_id), 0)]


async def test_the_end_of_a_room_is_told_once_to_each_with_its_sessions_called_off(post: Post) -> None:
    way = await a_person_in_a_room(post)
    waiting = Way(way.room, uuid4(), uuid4())
    session = session_of(way)
    await post.hear(
        registered(waiting.person_id),
        of_room(SessionScheduled, way, session=session),
        told(an_event(Waitlisted, waiting.membership(Status.WAITLISTED))),
    )
    await post.do("DELETE FROM letter WHERE room_id = :room_id", room_id=way.room.room_id)
    over = {"status": "cancelled"}
    off = session.model_copy(update={"status": SessionStatus.CANCELLED, "revision": 1})
    host = str(way.room.host_id)
    await post.hear(
        of_room(RoomCancelled, way, room=over, reason="Too few"),
        of_room(SessionCancelled, way, room=over, session=off),
        *(told(an_event(Ended, each.membership(Status.ENDED, version=2, by=host))) for each in (way, waiting)),
    )
    server = await settled(post, way, way.person_id, {"room-cancelled": "sent", "ended": "skipped"})
    assert entries_of(server, way.person_id) == [("CANCEL", str(session.session_id), 1)]
    await settled(post, way, waiting.person_id, {"ended": "sent"})
    assert await post.letters(way.room.host_id) == []


async def test_the_day_before_a_session_all_who_want_to_are_reminded_once(post: Post) -> None:
    way = await a_person_in_a_room(post)
    await reads_at_any_hour(post, way.person_id)
    other = Way(way.room, uuid4(), uuid4())
    await post.hear(registered(other.person_id), told(an_event(Joined, other.membership(Status.JOINED, by="system"))))
    await post.send(received(SetPreferences(person_id=other.person_id, reminders=False), actor=other.person_id))
    session = session_of(way, days=1.5)
    await post.hear(of_room(SessionScheduled, way, session=session))
    await remind(post)
    assert "session-reminder" not in await kinds(post, way.person_id)
    await a_day_before(post, session.session_id)
    await remind(post)
    await remind(post)
    for person_id in (way.person_id, way.room.host_id):
        assert (await kinds(post, person_id)).count("session-reminder") == 1
    assert "session-reminder" not in await kinds(post, other.person_id)
    server = await settled(post, way, way.person_id, {"session-scheduled": "sent", "session-reminder": "sent"})
    assert "Reminder: “Intervision for school heads” meets soon" in {letter["Subject"] for letter in server.letters}


async def test_of_a_session_that_is_planned_within_a_day_nobody_is_reminded(post: Post) -> None:
    way = await a_person_in_a_room(post)
    session = session_of(way, days=0.5)
    await post.hear(of_room(SessionScheduled, way, session=session))
    [row] = await post.rows("SELECT remind_at FROM session WHERE session_id = :id", id=session.session_id)
    assert row.remind_at is None


async def test_the_reminder_of_a_session_that_moves_in_the_last_minute_does_not_leave(post: Post) -> None:
    way = await a_person_in_a_room(post)
    await reads_at_any_hour(post, way.person_id)
    session = session_of(way, days=1.5)
    await post.hear(of_room(SessionScheduled, way, session=session))
    await a_day_before(post, session.session_id)
    await remind(post)
    moved = session_of(way, days=3, session_id=session.session_id, revision=1)
    await post.hear(of_room(SessionRescheduled, way, session=moved, former_starts_at=session.starts_at))
    expected = {"session-scheduled": "skipped", "session-rescheduled": "sent", "session-reminder": "skipped"}
    await settled(post, way, way.person_id, expected)


async def a_day_before(post: Post, session_id: UUID) -> None:
    """Let it be time to remind of a session."""
    await post.do("UPDATE session SET remind_at = now() WHERE session_id = :id", id=session_id)


async def reads_at_any_hour(post: Post, person_id: UUID) -> None:
    """Let a person have no quiet hours, whatever the clock says."""
    await post.send(received(SetPreferences(person_id=person_id, quiet_hours=None), actor=person_id))
