"""A person's agenda as a feed that calendar programs subscribe to (RFC 5545, RFC 7986). Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, vDDDTypes, vDuration, vText
from icalendar.parser import Contentline

from practio_chassis.rendering.time_zones import time_zone_of
from practio_contracts.rooms import AgendaEntry

REFRESHED_EVERY = timedelta(hours=1)
"""How often a program is asked to read the feed."""

_WIDTH = 75
_MOST_BYTES = 4
"""How many bytes a character takes at most."""

_NO_SIGNS = str.maketrans("", "", "-:")
_END = b"END:VCALENDAR"
_STAMP = re.compile(rb"\nDTSTAMP:[^\n]*")
_ESCAPED = re.compile(r"[\\;,\r\n]")


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
    placed = [(entry, ZoneInfo(zone or entry.session.time_zone)) for entry in entries]
    for tzid, year in _zones(placed).items():
        calendar.add_component(time_zone_of(tzid, year))
    head, end = calendar.to_ical().rsplit(_END, 1)
    urls = [public_urls[entry.session.room_id] if public_urls is not None else None for entry in entries]
    events = (_event(*each, _at(stamp, UTC), url) for each, url in zip(placed, urls, strict=True))
    lines = [line for event in events for line in event]
    return b"".join([head, "\r\n".join([*lines, ""]).encode(), _END, end])


def tag_of(feed: bytes) -> str:
    """Return the ETag of a feed: the same for the same sessions, whenever the feed is made."""
    unstamped = _STAMP.sub(b"\n", feed)
    return f'W/"{sha256(unstamped).hexdigest()[:32]}"'


def _zones(placed: Iterable[tuple[AgendaEntry, ZoneInfo]]) -> dict[str, int]:
    """Return the zones of the events by their id, with the first year in which each is needed."""
    first: dict[ZoneInfo, datetime] = {}
    for entry, zone in placed:
        starts_at = entry.session.starts_at
        first[zone] = min(starts_at, first.get(zone, starts_at))
    return {tzid: at.astimezone(zone).year for zone, at in first.items() if (tzid := _tzid(zone))}


def _event(entry: AgendaEntry, zone: ZoneInfo, stamp: str, public_url: str | None) -> list[str]:
    """Return the lines of an event, in the order in which icalendar writes them.

    Its own components take six times as long, during which nobody else gets an answer: 90 ms for 400 sessions.
    """
    session = entry.session
    place, url = entry.place or entry.meeting_url, public_url or entry.meeting_url
    return [
        "BEGIN:VEVENT",
        _folded(f"SUMMARY:{_escaped(_summary(session.topic, entry.room_title))}"),
        f"DTSTART{_at(session.starts_at, zone)}",
        f"DTEND{_at(session.ends_at, zone)}",
        f"DTSTAMP{stamp}",
        f"UID:{'public-' if public_url else ''}{session.session_id}",
        f"SEQUENCE:{session.revision}",
        *([_folded(f"DESCRIPTION:{_escaped(entry.meeting_url)}")] if entry.meeting_url else ()),
        *([_folded(f"LOCATION:{_escaped(_one_line(place))}")] if place else ()),
        "STATUS:CONFIRMED",
        *([_folded(f"URL:{url}")] if url else ()),
        "END:VEVENT",
    ]


def _summary(topic: str | None, room_title: str) -> str:
    title = _one_line(room_title)
    return f"{_one_line(topic)} ({title})" if topic else title


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return vText(text).to_ical().decode() if _ESCAPED.search(text) else text


def _at(instant: datetime, zone: tzinfo) -> str:
    """Return an instant as the end of a line, in a zone; ``strftime`` takes longer than all the rest of an event."""
    tzid, local = _tzid(zone), instant.astimezone(zone).isoformat()[:19].translate(_NO_SIGNS)
    return f";TZID={tzid}:{local}" if tzid else f":{local}Z"


@lru_cache(maxsize=1_000)
def _tzid(zone: tzinfo) -> str | None:
    """Return the id of a zone in a feed; None for UTC, which needs none."""
    found: str | None = vDDDTypes(datetime(2000, 1, 1, tzinfo=zone)).params.get("TZID")
    return found


def _folded(line: str) -> str:
    """Return a line as it is entered, without its end; few are so long that they are folded (RFC 5545, 3.1)."""
    if len(line) * _MOST_BYTES < _WIDTH or len(line.encode()) < _WIDTH:
        return line
    folded: str = Contentline(line).to_ical().decode()  # type: ignore[no-untyped-call]
    return folded
