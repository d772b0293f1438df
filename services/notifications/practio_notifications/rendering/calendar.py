"""Sessions as calendar entries: iTIP messages that mail programs understand (RFC 5545, RFC 5546)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress

from practio_chassis.rendering.time_zones import time_zone_of
from practio_contracts.rooms import Coming, Room, Session
from practio_notifications.letters.kinds import Method
from practio_notifications.rendering.mail_addresses import MailAddress
from practio_notifications.rendering.wording import one_line


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One session for one reader: an entry to take in, or one to take out; one a session, as RFC 5546 (3.2) has it."""

    method: Method
    content: bytes


@dataclass(frozen=True, slots=True)
class Numbered:
    """The SEQUENCE of a session's entry, and the address to which it is answered; None: it asks for no answer.

    ``answer`` is whether the reader comes, by an answer to the session at its present time.
    """

    sequence: int
    answered_to: MailAddress | None = None
    answer: Coming | None = None


_PARTSTAT = {None: "NEEDS-ACTION", Coming.YES: "ACCEPTED", Coming.NO: "DECLINED", Coming.MAYBE: "TENTATIVE"}
"""How calendars write an answer (RFC 5545, 3.2.12)."""


def entries(
    method: Method,
    sessions: Iterable[Session],
    numbered: Mapping[UUID, Numbered],
    *,
    room: Room,
    reader: MailAddress,
    sender: MailAddress,
    stamp: datetime,
) -> list[CalendarEntry]:
    """Return an entry for each session, the same ones for the same ``stamp``, the time at which they are made (UTC).

    ``numbered`` has their SEQUENCE by session, which rises with each message to this reader (RFC 5546, 2.1.4). Where it
    is answered is the organiser, or the sender is, and the reader the only attendee: nobody learns another person's
    address.
    """
    return [
        CalendarEntry(method, _calendar(method, _event(method, session, number, room, reader, sender, stamp)).to_ical())
        for session in sessions
        for number in (numbered[session.session_id],)
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
    method: Method,
    session: Session,
    number: Numbered,
    room: Room,
    reader: MailAddress,
    sender: MailAddress,
    stamp: datetime,
) -> Event:
    zone = ZoneInfo(session.time_zone)
    event = Event()
    event.add("uid", str(session.session_id))
    event.add("sequence", number.sequence)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", session.starts_at.astimezone(zone))
    event.add("dtend", session.ends_at.astimezone(zone))
    event.add("summary", summary(session, room))
    event.add("status", "CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    event.add("organizer", _person(number.answered_to or sender, "Practio"))
    asks = method is Method.REQUEST and number.answered_to is not None
    event.add("attendee", _attendee(reader, number.answer, asks=asks))
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


def _person(address: MailAddress, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address.addr_spec}")
    person.params["CN"] = name
    return person


def _attendee(reader: MailAddress, answer: Coming | None, *, asks: bool) -> vCalAddress:
    attendee = _person(reader, reader.display_name)
    rsvp = "TRUE" if asks else "FALSE"
    attendee.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": _PARTSTAT[answer], "RSVP": rsvp})
    return attendee
