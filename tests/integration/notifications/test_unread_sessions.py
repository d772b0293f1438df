"""A session that this release cannot read keeps back the letters that need it, and no other letter about its room."""

from uuid import UUID, uuid4

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
    remind,
    room_event,
    session_of,
    time_is_up,
)
from tests.support.eventually import eventually
from tests.unit.notifications.builders import an_event

from practio_contracts.membership import Declined, Joined, MembershipEvent, Status
from practio_contracts.rooms import Session, SessionScheduled

STATUS = (
    "UPDATE session SET snapshot = snapshot || jsonb_build_object('status', CAST(:status AS text)) "
    "WHERE session_id = :id"
)

Found = dict[str, tuple[str, str | None]]
"""Status and reason of letters, by what they are about."""


async def about_two_sessions(notifications: NotificationsService) -> tuple[Applicant, Session, Session]:
    """Let two sessions of a room be announced to a person in it, in a letter for each."""
    applicant = await a_person_in_a_room(notifications)
    read, unread = session_of(applicant, days=7), session_of(applicant, days=14)
    for session in (read, unread):
        await notifications.receive(room_event(SessionScheduled, applicant, session=session))
    return applicant, read, unread


async def inform(notifications: NotificationsService, applicant: Applicant, event: type[MembershipEvent]) -> UUID:
    """Let a letter be due to somebody else, and return them."""
    person_id, status = uuid4(), Status(event.__name__.lower())
    news = an_event(event, applicant.membership(status, person_id=person_id, membership_id=uuid4(), by="system"))
    await notifications.receive(person_registered(person_id), membership_event(news))
    return person_id


async def letters(notifications: NotificationsService, person_id: UUID) -> Found:
    """Return what became of a person's letters; those about a session by its id."""
    found = await notifications.letters(person_id)
    session_ids = [((letter.cause_data or {}).get("session") or {}).get("session_id") for letter in found]
    return {
        (f"{letter.kind} {session_id}" if session_id else letter.kind): (letter.status, letter.reason)
        for letter, session_id in zip(found, session_ids, strict=True)
    }


async def test_letters_that_need_an_unread_session_wait_and_all_others_about_the_room_leave(
    notifications: NotificationsService,
) -> None:
    applicant, read, unread = await about_two_sessions(notifications)
    declined, joined = [await inform(notifications, applicant, event) for event in (Declined, Joined)]
    await notifications.do(STATUS, id=unread.session_id, status="dreamt")
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)

        async def as_expected() -> bool:
            return await letters(notifications, applicant.person_id) == {
                f"session-scheduled {read.session_id}": ("sent", None),
                f"session-scheduled {unread.session_id}": ("queued", "could-not-be-read"),
            }

        await eventually(as_expected, message="the letter about the session that is read, and not the other")
        await notifications.settled(declined, "sent")
        assert await letters(notifications, joined) == {"joined": ("queued", "could-not-be-read")}

        await notifications.do(STATUS, id=unread.session_id, status="scheduled")
        await time_is_up(notifications, applicant)
        await notifications.settled(joined, "sent")
        await notifications.settled_all(applicant.person_id, {"session-scheduled": "sent"})
    both = [("REQUEST", str(session.session_id), 1) for session in (read, unread)]
    assert sorted(entries_of(server, joined)) == sorted(both)
    assert sorted(entries_of(server, applicant.person_id)) == sorted(both)


async def test_a_reminder_of_another_session_leaves(notifications: NotificationsService) -> None:
    applicant, read, unread = await about_two_sessions(notifications)
    await notifications.do("DELETE FROM letter WHERE room_id = :id", id=applicant.room.room_id)
    await notifications.do("UPDATE session SET remind_at = now() WHERE session_id = :id", id=read.session_id)
    await notifications.do(STATUS, id=unread.session_id, status="dreamt")

    async def reminded() -> bool:
        await remind(notifications)
        return bool(await notifications.letters(applicant.person_id))

    await eventually(reminded, message="a reminder")
    async with listening(MailServer()) as server, notifications.sending(server):
        await time_is_up(notifications, applicant)
        await notifications.settled_all(applicant.person_id, {"session-reminder": "sent"})
