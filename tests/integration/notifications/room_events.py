"""Events of rooms and their sessions, and people in them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from icalendar import Calendar, Event
from tests.integration.notifications.mail_servers import MailServer
from tests.integration.notifications.notifications_service import (
    Applicant,
    NotificationsService,
    an_applicant,
    membership_event,
    person_registered,
    room_published,
)
from tests.support.stack.example_service import received
from tests.unit.notifications.builders import a_session, an_event

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_chassis.service import Running
from practio_contracts.membership import Joined, Status
from practio_contracts.message import Message
from practio_contracts.rooms import Room, RoomEvent, Session
from practio_notifications.app import SERVICE
from practio_notifications.periodic.added_dates import announce_once
from practio_notifications.periodic.reminders import remind_once

_VERSIONS = count(1_000)


def room_event(
    kind: type[RoomEvent],
    applicant: Applicant,
    *,
    by: UUID | str | None = None,
    cause: UUID | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> ReceivedMessage[Message]:
    """Return a received event of a room, by default by its host; each event has the next version of its snapshot."""
    version, time = next(_VERSIONS), {"time": at} if at else {}
    room = Room.model_validate(applicant.room.model_dump() | {"version": version} | fields.pop("room", {}))
    return received(
        kind.model_validate({"room": room, **fields}),
        account="practio-rooms",
        source="/practio/rooms",
        subject=str(room.room_id),
        sequence=str(version),
        actor=by or room.host_id,
        causationid=str(cause or uuid4()),
        **time,
    )


def session_of(applicant: Applicant, *, days: float = 7, **fields: Any) -> Session:
    """Return a session of a room, so many days from now."""
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    return a_session(**({"room_id": applicant.room.room_id, "starts_at": starts_at} | fields))


async def a_person_in_a_room(notifications: NotificationsService, **room: Any) -> Applicant:
    """Have a person join a new room; both the person and the host have an address. No letter of that waits."""
    applicant = an_applicant(**room)
    joined = an_event(Joined, applicant.membership(Status.JOINED, by="system"))
    await notifications.receive(
        person_registered(applicant.person_id),
        person_registered(applicant.room.host_id),
        room_published(applicant.room),
        membership_event(joined),
    )
    await notifications.do("DELETE FROM letter WHERE room_id = :room_id", room_id=applicant.room.room_id)
    return applicant


async def time_is_up(notifications: NotificationsService, applicant: Applicant) -> None:
    """Let all letters about a room be due, as once they have waited."""
    waits = "room_id = :room_id AND status IN ('queued', 'held') AND due_at IS NOT NULL"
    await notifications.do(f"UPDATE letter SET due_at = now() WHERE {waits}", room_id=applicant.room.room_id)
    notifications.wake.set()


async def remind(notifications: NotificationsService) -> None:
    """Write the reminders that it is time for."""
    transaction = Transaction(SERVICE, session_maker(notifications.pool))
    await remind_once(Running(transaction.background, None))


async def announce(notifications: NotificationsService) -> None:
    """Write the announcements of added dates that it is time for."""
    transaction = Transaction(SERVICE, session_maker(notifications.pool))
    await announce_once(Running(transaction.background, None))


def entries_of(server: MailServer, person_id: UUID) -> list[tuple[str, str, int]]:
    """Return method, session and revision of each calendar entry that came to a person."""
    return [(method, str(event["UID"]), event.sequence) for method, event in events_of(server, person_id)]


def events_of(server: MailServer, person_id: UUID) -> list[tuple[str, Event]]:
    """Return method and event of each calendar entry that came to a person."""
    found = []
    for letter in server.letters:
        for part in letter.walk():
            if part.get_content_type() == "text/calendar" and str(person_id) in str(letter["To"]):
                calendar = Calendar.from_ical(part.get_content())
                [event] = calendar.events
                assert part.get_param("method") == calendar["METHOD"]
                found.append((str(calendar["METHOD"]), event))
    return found
