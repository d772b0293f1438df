"""The sessions of a public room as schema.org's Event, for search engines; without place and link. Pure."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from practio_contracts.rooms import Mode, Room, Session

_ATTENDANCE = {
    Mode.ONLINE: "OnlineEventAttendanceMode",
    Mode.IN_PERSON: "OfflineEventAttendanceMode",
    Mode.HYBRID: "MixedEventAttendanceMode",
}


def events_of(room: Room, sessions: Sequence[Session], *, address: str, place: str) -> list[dict[str, Any]]:
    """Return an event for each session; ``address`` is the page of the room.

    ``place`` says in words that only people in the room learn where it meets.
    """
    return [_event(room, each, address=address, place=place) for each in sessions]


def _event(room: Room, session: Session, *, address: str, place: str) -> dict[str, Any]:
    zone = ZoneInfo(session.time_zone)
    found = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": f"{address}#{session.session_id}",
        "name": f"{room.title}: {session.topic}" if session.topic else room.title,
        "description": room.purpose,
        "url": address,
        "startDate": session.starts_at.astimezone(zone).isoformat(),
        "endDate": session.ends_at.astimezone(zone).isoformat(),
        "eventStatus": "https://schema.org/EventScheduled",
        "inLanguage": room.language,
        "maximumAttendeeCapacity": room.capacity,
        "location": _locations(room.mode, address, place),
    }
    if room.mode is not None:
        found["eventAttendanceMode"] = f"https://schema.org/{_ATTENDANCE[room.mode]}"
    return {name: value for name, value in found.items() if value}


def _locations(mode: Mode | None, address: str, place: str) -> list[dict[str, str]]:
    online = {"@type": "VirtualLocation", "url": address}
    somewhere = {"@type": "Place", "name": place, "address": place}
    return {Mode.ONLINE: [online], Mode.IN_PERSON: [somewhere], Mode.HYBRID: [online, somewhere], None: []}[mode]
