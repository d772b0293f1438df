"""Sessions as calendar entries: iTIP messages that mail programs understand (RFC 5545, RFC 5546)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress

from practio_chassis.time_zones import time_zone_of
from practio_contracts.rooms import Room, Session
from practio_notifications.letters.kinds import Method
from practio_notifications.rendering.wording import one_line


@dataclass(frozen=True, slots=True)
class Entry:
    """One session for one reader: an entry to take in, or one to take out; one a session, as RFC 5546 (3.2) has it."""

    method: Method
    content: bytes


def entries(
    method: Method,
    sessions: Iterable[Session],
    sequences: Mapping[UUID, int],
    *,
    room: Room,
    reader: Address,
    sender: Address,
    stamp: datetime,
) -> list[Entry]:
    """Return an entry for each session, the same ones for the same ``stamp``, the time at which they are made (UTC).

    ``sequences`` are their SEQUENCE by session, which rises with each message to this reader (RFC 5546, 2.1.4). The
    sender is the organiser, and the reader the only attendee: nobody learns another person's address.
    """
    return [
        Entry(method, _calendar(method, _event(method, session, sequence, room, reader, sender, stamp)).to_ical())
        for session in sessions
        for sequence in (sequences[session.session_id],)
    ]


def _calendar(method: Method, event: Event) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Practio//Sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if tzid := event["DTSTART"].params.get("TZID"):
        calendar.add_component(time_zone_of(tzid, event.start.year))
    calendar.add_component(event)
    return calendar


def _event(
    method: Method, session: Session, sequence: int, room: Room, reader: Address, sender: Address, stamp: datetime
) -> Event:
    zone = ZoneInfo(session.time_zone)
    event = Event()
    event.add("uid", str(session.session_id))
    event.add("sequence", sequence)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", session.starts_at.astimezone(zone))
    event.add("dtend", session.ends_at.astimezone(zone))
    event.add("summary", summary(session, room))
    event.add("status", "CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    event.add("organizer", _person(sender, "Practio"))
    event.add("attendee", _attendee(reader))
    if method is Method.REQUEST:
        _set_location(event, session, room)
    return event


def summary(session: Session, room: Room) -> str:
    """Return the title of a session: its topic and the room's title."""
    title = one_line(room.title)
    return f"{one_line(session.topic)} ({title})" if session.topic else title


def place_of(session: Session, room: Room) -> str | None:
    """Return the place of a session, for the people in the room; None if it is only online."""
    place = session.place or room.place
    return one_line(place) if place else None


def link_of(session: Session, room: Room) -> str | None:
    """Return the address at which a session is held online, for the people in the room."""
    return session.meeting_url or room.meeting_url


def _set_location(event: Event, session: Session, room: Room) -> None:
    place, link = place_of(session, room), link_of(session, room)
    if place or link:
        event.add("location", place or link)
    if link:
        event.add("url", link)
        event.add("description", link)


def _person(address: Address, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address.addr_spec}")
    person.params["CN"] = name
    return person


def _attendee(reader: Address) -> vCalAddress:
    attendee = _person(reader, reader.display_name)
    attendee.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"})
    return attendee
