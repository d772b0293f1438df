"""A person's agenda as a feed that calendar programs subscribe to (RFC 5545, RFC 7986). Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vDuration, vText

from practio_chassis.time_zones import time_zone_of
from practio_contracts.rooms import AgendaEntry

REFRESHED_EVERY = timedelta(hours=1)
"""How often a program is asked to read the feed."""

_STAMP = re.compile(rb"^DTSTAMP:.*$", re.MULTILINE)


def feed_of(
    entries: Sequence[AgendaEntry],
    *,
    zone: str | None,
    stamp: datetime,
    name: str = "Practio",
    public_urls: Mapping[UUID, str] | None = None,
) -> bytes:
    """Return the feed with an entry for each session, in ``zone`` (IANA), or in that of its room if it is None.

    UIDs are those of the entries in letters; SEQUENCE is the revision of the session. ``stamp`` is the time at which
    the feed is made (UTC). With ``public_urls``, the pages of rooms, the feed is one for everybody: its UIDs are its
    own, so that a program that has both does not replace a person's entry, with its place, by one without.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Practio//Agenda//EN")
    calendar.add("version", "2.0")
    for property_name in ("name", "x-wr-calname"):
        calendar.add(property_name, name)
    calendar.add("refresh-interval", vDuration(REFRESHED_EVERY), {"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESHED_EVERY))
    events = [_event(entry, ZoneInfo(zone or entry.session.time_zone), stamp) for entry in entries]
    if public_urls is not None:
        for entry, event in zip(entries, events, strict=True):
            event["UID"] = vText(f"public-{entry.session.session_id}")
            event.add("url", public_urls[entry.session.room_id])
    for tzid, year in _zones(events).items():
        calendar.add_component(time_zone_of(tzid, year))
    for event in events:
        calendar.add_component(event)
    feed: bytes = calendar.to_ical()
    return feed


def tag_of(feed: bytes) -> str:
    """Return the ETag of a feed: the same for the same sessions, whenever the feed is made."""
    return f'W/"{sha256(_STAMP.sub(b"", feed)).hexdigest()[:32]}"'


def _zones(events: Iterable[Event]) -> dict[str, int]:
    """Return the zones of the events by their id, with the first year in which each is needed."""
    zones: dict[str, int] = {}
    for event in events:
        if tzid := event["DTSTART"].params.get("TZID"):
            zones[tzid] = min(event.start.year, zones.get(tzid, event.start.year))
    return zones


def _event(entry: AgendaEntry, zone: ZoneInfo, stamp: datetime) -> Event:
    session = entry.session
    event = Event()
    event.add("uid", str(session.session_id))
    event.add("sequence", session.revision)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", session.starts_at.astimezone(zone))
    event.add("dtend", session.ends_at.astimezone(zone))
    event.add("summary", _summary(session.topic, entry.room_title))
    event.add("status", "CONFIRMED")
    if place := entry.place or entry.meeting_url:
        event.add("location", _one_line(place))
    if entry.meeting_url:
        event.add("url", entry.meeting_url)
        event.add("description", entry.meeting_url)
    return event


def _summary(topic: str | None, room_title: str) -> str:
    title = _one_line(room_title)
    return f"{_one_line(topic)} ({title})" if topic else title


def _one_line(text: str) -> str:
    return " ".join(text.split())
