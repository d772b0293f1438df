"""Builders of rooms and commands."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from practio_contracts.rooms import CreateRoom, ReviseRoom, Room, RoomStatus
from practio_rooms.domain.room import RoomState

NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
HOST, FACILITATOR, STEWARD, STRANGER = (UUID(int=number) for number in range(1, 5))

WHOLE: dict[str, Any] = {
    "title": "Intervision for school heads",
    "domain": "Education",
    "purpose": "One case a month, looked at together.",
    "for_whom": "Heads of small schools",
    "format": "intervision",
    "mode": "online",
    "capacity": 6,
    "roles": [{"name": "participant"}],
    "time_zone": "Europe/Rome",
    "meeting_url": "https://meet.example.org/heads",
    "access": {"policy": "approval"},
    "guidelines": {"version": 1, "text": "What is said here stays here."},
}


def a_room(status: RoomStatus = RoomStatus.PUBLISHED, *, version: int = 3, **fields: Any) -> Room:
    """Return a room that states all it must, with a person in each office."""
    offices = {"host_id": HOST, "facilitator_ids": [FACILITATOR], "steward_ids": [STEWARD]}
    return Room.model_validate(WHOLE | offices | {"room_id": uuid4(), "version": version, "status": status} | fields)


def a_state(
    status: RoomStatus = RoomStatus.PUBLISHED, *, proposed_host_id: UUID | None = None, **fields: Any
) -> RoomState:
    """Return the state of such a room."""
    room = a_room(status, **fields)
    version = room.guidelines.version if room.guidelines else 0
    return RoomState(room, fingerprint="", guidelines_version=version, proposed_host_id=proposed_host_id)


def a_creation(**fields: Any) -> CreateRoom:
    """Return the command for a room that states all it must."""
    stated = WHOLE | {"room_id": uuid4(), "guidelines": {"text": "What is said here stays here."}}
    return CreateRoom.model_validate(stated | fields)


def a_revision(**fields: Any) -> ReviseRoom:
    """Return the command to change only ``fields``; the state has the room's id."""
    return ReviseRoom.model_validate({"room_id": uuid4(), **fields})
