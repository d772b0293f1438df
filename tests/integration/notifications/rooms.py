"""What is told of rooms and their sessions, and people in them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, cast
from uuid import UUID, uuid4

from icalendar import Calendar
from tests.integration.notifications.post import Post, Way, a_way, published, registered, told
from tests.integration.notifications.servers import MailServer
from tests.support.stack.handling import received
from tests.unit.notifications.builders import a_session, an_event

from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_chassis.inbound.received import ReceivedMessage
from practio_chassis.service import Running
from practio_contracts.membership import Joined, Status
from practio_contracts.message import Message
from practio_contracts.rooms import Room, RoomEvent, Session
from practio_notifications.app import SERVICE
from practio_notifications.timers import remind_once

_VERSIONS = count(1_000)


def of_room(
    kind: type[RoomEvent], way: Way, *, by: UUID | str | None = None, cause: UUID | None = None, **fields: Any
) -> ReceivedMessage[Message]:
    """Tell of a room, by default what its host did; each event has the next version of its snapshot."""
    version = next(_VERSIONS)
    room = Room.model_validate(way.room.model_dump() | {"version": version} | fields.pop("room", {}))
    return received(
        kind.model_validate({"room": room, **fields}),
        account="practio-rooms",
        source="/practio/rooms",
        subject=str(room.room_id),
        sequence=str(version),
        actor=by or room.host_id,
        causationid=str(cause or uuid4()),
    )


def session_of(way: Way, *, days: float = 7, **fields: Any) -> Session:
    """Give a session of a room, so many days from now."""
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    return a_session(**({"room_id": way.room.room_id, "starts_at": starts_at} | fields))


async def a_person_in_a_room(post: Post, **room: Any) -> Way:
    """Have a person join a new room; both the person and the host have an address. No letter of that waits."""
    way = a_way(**room)
    joined = an_event(Joined, way.membership(Status.JOINED, by="system"))
    await post.hear(registered(way.person_id), registered(way.room.host_id), published(way.room), told(joined))
    await post.do("DELETE FROM letter WHERE room_id = :room_id", room_id=way.room.room_id)
    return way


async def time_is_up(post: Post, way: Way) -> None:
    """Let all letters about a room be due, as once they have waited."""
    waits = "room_id = :room_id AND status IN ('queued', 'held') AND due_at IS NOT NULL"
    await post.do(f"UPDATE letter SET due_at = now() WHERE {waits}", room_id=way.room.room_id)
    post.bell.set()


async def remind(post: Post) -> None:
    """Write the reminders that it is time for."""
    transaction = Transaction(SERVICE, session_maker(post.pool))
    await remind_once(Running(transaction.background, None))


def entries_of(server: MailServer, person_id: UUID) -> list[tuple[str, str, int]]:
    """Give method, session and revision of each calendar entry that came to a person."""
    found = []
    for letter in server.letters:
        for part in letter.walk():
            if part.get_content_type() == "text/calendar" and str(person_id) in str(letter["To"]):
                calendar = cast(Calendar, Calendar.from_ical(part.get_content()))
                [event] = calendar.events
                assert part.get_param("method") == calendar["METHOD"]
                found.append((str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"])))
    return found
