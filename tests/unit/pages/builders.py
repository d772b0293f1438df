"""Rooms and memberships as pages receive them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from practio_contracts.links import Link, Purpose
from practio_contracts.membership import Change, History, Membership, MembershipResult, Status
from practio_contracts.rooms import (
    AgendaEntry,
    ListOwnRooms,
    NoteResult,
    OwnOffice,
    OwnRoom,
    OwnRooms,
    Room,
    RoomFound,
    RoomResult,
    RoomsFound,
    Session,
)

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
ROOM, ADA, HOST = UUID(int=1), UUID(int=2), UUID(int=3)


def a_room(**fields: Any) -> Room:
    content = {
        "room_id": ROOM,
        "version": 1,
        "status": "published",
        "title": "Intervision for team leads",
        "purpose": "Think through cases together.",
        "domain": "Leadership",
        "format": "intervision",
        "mode": "online",
        "capacity": 8,
        "language": "en",
        "time_zone": "Europe/Rome",
        "host_id": HOST,
        "access": {"policy": "approval"},
        **fields,
    }
    return Room.model_validate(content)


def a_room_shown(**fields: Any) -> RoomResult:
    return RoomResult(room=a_room(**fields))


def a_session(**fields: Any) -> Session:
    content = {
        "session_id": UUID(int=5),
        "room_id": ROOM,
        "starts_at": NOW,
        "ends_at": NOW + timedelta(minutes=90),
        "time_zone": "Europe/Rome",
        **fields,
    }
    return Session.model_validate(content)


def a_note(**fields: Any) -> NoteResult:
    content = {
        "note_id": UUID(int=20),
        "room_id": ROOM,
        "kind": "case",
        "title": "A hard start",
        "text": "What we tried.",
        "version": 3,
        "recorded_at": NOW,
        **fields,
    }
    return NoteResult.model_validate(content)


def a_change(event: str, to: Status, **fields: Any) -> Change:
    content = {
        "at": NOW,
        "by": str(ADA),
        "account": "outside",
        "from": None,
        "to": to,
        "fact": f"membership.{event}.v1",
        "reason": None,
        "message_id": str(UUID(int=9)),
        **fields,
    }
    return Change.model_validate(content)


def a_room_found(*, seats_free: int = 3, waiting: int = 0, **fields: Any) -> RoomFound:
    return RoomFound.model_validate(a_room(**fields).model_dump() | {"seats_free": seats_free, "waiting": waiting})


def rooms_found(*rooms: RoomFound, after: str | None = None) -> RoomsFound:
    return RoomsFound(rooms=list(rooms), after=after)


OWN = ("next_session_at", "last_session_at", "seats_free", "waiting", "signs", "quiet_since")
"""What is known of an own room beside its snapshot."""


def an_own_room(office: str = "participant", *, pending: int = 0, **fields: Any) -> OwnRoom:
    own = {name: fields.pop(name) for name in OWN if name in fields}
    return OwnRoom.model_validate(
        {"room": a_room(**fields), "office": office, "seats_free": 3, "waiting": 0, "pending": pending} | own
    )


def own_rooms(*rooms: OwnRoom, pages: int = 100) -> Callable[[ListOwnRooms], OwnRooms]:
    """Return a function that answers queries for a person's own rooms, at most ``pages`` of them at a time."""

    def answer(query: ListOwnRooms) -> OwnRooms:
        found = [each for each in rooms if query.office in (None, each.office)]
        if query.status:
            found = [each for each in found if each.room.status in query.status]
        if query.runs or query.quiet:
            found = [each for each in found if each.office is not OwnOffice.PARTICIPANT]
        if query.quiet:
            found = [each for each in found if each.signs]
        start, most = int(query.after or 0), min(pages, query.limit)
        after = str(start + most) if len(found) > start + most else None
        return OwnRooms(rooms=found[start : start + most], after=after)

    return answer


def an_appointment(**fields: Any) -> AgendaEntry:
    own = {name: fields.pop(name) for name in ("room_title", "place", "meeting_url") if name in fields}
    return AgendaEntry.model_validate(
        {"session": a_session(**fields), "room_title": "Intervision for team leads"} | own
    )


def a_membership(status: Status, **fields: Any) -> Membership:
    content = {
        "membership_id": UUID(int=4),
        "room_id": ROOM,
        "person_id": ADA,
        "status": status,
        "since": NOW,
        "by": str(ADA),
        "version": 1,
        **fields,
    }
    return Membership.model_validate(content)


def a_membership_result(status: Status, *moves: str, ahead: int | None = None, **fields: Any) -> MembershipResult:
    return MembershipResult(membership=a_membership(status, **fields), ahead=ahead, moves=list(moves))


def a_history(*statuses: Status, reason: str | None = None) -> History:
    changes = [
        {
            "at": NOW + timedelta(hours=number),
            "by": str(ADA),
            "account": "outside",
            "from": None,
            "to": status,
            "fact": f"membership.{status}.v1",
            "reason": reason,
            "message_id": str(UUID(int=number)),
        }
        for number, status in enumerate(statuses)
    ]
    return History(changes=[Change.model_validate(change) for change in changes])


def a_link_to_rooms(**fields: Any) -> Link:
    return Link(Purpose.ROOMS, ADA, **fields)


def a_way(**fields: Any) -> Link:
    return Link(Purpose.WAY, ADA, ROOM, **fields)
