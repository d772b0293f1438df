"""Messages of an outside system, as plain dicts written from contracts/README.md alone."""

import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

Data = dict[str, Any]

_ZONES = ("Europe/Rome", "America/New_York", "Asia/Tokyo", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland")


def new_id() -> str:
    """Return a new id."""
    return str(uuid.uuid4())


def daytime_zone() -> str:
    """Return a time zone with hours of daytime left: no letter waits for the end of quiet hours there."""
    now = datetime.now(UTC)
    return next(zone for zone in _ZONES if 9 <= now.astimezone(ZoneInfo(zone)).hour < 18)


def a_person(name: str = "Ada Moretti", *, person_id: str | None = None, **fields: Any) -> Data:
    """Return the data of ``people.person-registered.v1``, each person with an address of their own."""
    person_id = person_id or new_id()
    return {
        "person_id": person_id,
        "display_name": name,
        "email": f"{person_id}@example.org",
        "locale": "en",
        "time_zone": daytime_zone(),
        **fields,
    }


def a_room(*, capacity: int = 3, policy: str = "approval", waitlist: Data | None = None, **fields: Any) -> Data:
    """Return the data of ``rooms.create-room.v1``: whole, so that it can be published."""
    return {
        "room_id": new_id(),
        "title": "Intervision for school heads",
        "domain": "education",
        "purpose": "Heads of small schools look together at one case a month.",
        "for_whom": "Heads of schools with fewer than 300 pupils",
        "format": "intervision",
        "mode": "online",
        "capacity": capacity,
        "roles": [{"name": "participant", "seats": None}],
        "language": "en",
        "time_zone": daytime_zone(),
        "meeting_url": "https://meet.example.org/heads",
        "access": {"policy": policy, "waitlist": waitlist or {"enabled": True}},
        **fields,
    }


def about(room_id: str, person_id: str, **fields: Any) -> Data:
    """Return the data of a command about one person in one room."""
    return {"room_id": room_id, "person_id": person_id, **fields}
