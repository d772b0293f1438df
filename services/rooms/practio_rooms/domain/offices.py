"""The offices under the host: appointing and dismissing.

A person holds at most one office in a room: to change to another, they are dismissed first.
"""

from collections.abc import Collection
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    ENDED_ROOM,
    MOST_IN_AN_OFFICE,
    Appoint,
    Dismiss,
    Office,
    OfficeChanged,
    RefusalCode,
    Room,
)
from practio_rooms.domain.room import (
    Actor,
    RoomState,
    changed,
    is_host_or_system,
    not_allowed,
    not_in_this_state,
)

_FIELDS = {Office.FACILITATOR: "facilitator_ids", Office.STEWARD: "steward_ids"}


def appoint(state: RoomState, command: Appoint, by: Actor) -> OfficeChanged | Refusal | None:
    """Appoint a person who holds no office; if they hold this very office, nothing changes."""
    room, person_id = state.room, command.person_id
    if not is_host_or_system(room, by):
        return not_allowed("only the host can appoint people to offices: ask the host")
    if room.status in ENDED_ROOM:
        return not_in_this_state(room, action="given new offices")
    if person_id == room.host_id:
        return office_taken("this person is the host of the room and cannot hold another office: choose somebody else")
    held = office_of(room, person_id)
    if held is command.office:
        return None
    if held:
        return office_taken(f"this person already holds the office of {held}: dismiss them from it first")
    holders: list[UUID] = getattr(room, _FIELDS[command.office])
    if len(holders) >= MOST_IN_AN_OFFICE:
        return office_taken(f"this office already has {MOST_IN_AN_OFFICE} people, the maximum: dismiss somebody first")
    after = changed(room, **{_FIELDS[command.office]: [*holders, person_id]})
    return OfficeChanged(room=after, person_id=person_id, office=command.office, appointed=True)


def dismiss(state: RoomState, command: Dismiss, by: Actor) -> OfficeChanged | Refusal | None:
    """Dismiss a person from an office; the person may also resign it. If they do not hold it, nothing changes."""
    room = state.room
    if not (is_host_or_system(room, by) or by == command.person_id):
        return not_allowed("only the host can dismiss people from offices; everyone can resign from their own")
    if room.status in ENDED_ROOM:
        return not_in_this_state(room, action="given new offices")
    if office_of(room, command.person_id) is not command.office:
        return None
    return dismissed(room, command.person_id)


def dismissed(room: Room, person_id: UUID) -> OfficeChanged | None:
    """Return the event that a person has left their office; None if they hold no office under the host."""
    office = office_of(room, person_id)
    if office is None:
        return None
    after = changed(room, **offices_without(room, person_id))
    return OfficeChanged(room=after, person_id=person_id, office=office, appointed=False)


def office_of(room: Room, person_id: UUID) -> Office | None:
    """Return the office under the host that a person holds, or None."""
    return next((office for office, field in _FIELDS.items() if person_id in getattr(room, field)), None)


def offices_without(room: Room, person_id: UUID) -> dict[str, list[UUID]]:
    """Return the fields of the offices under the host without a person."""
    return {field: [each for each in getattr(room, field) if each != person_id] for field in _FIELDS.values()}


def without_offices_of(room: Room, people: Collection[UUID]) -> Room:
    """Return the room without ``people`` in the offices under the host."""
    left = {field: [each for each in getattr(room, field) if each not in people] for field in _FIELDS.values()}
    return room.model_copy(update=left)


def office_taken(detail: str) -> Refusal:
    """Return the refusal for a person who has an office already, or an office that is full."""
    return Refusal(code=RefusalCode.OFFICE_TAKEN, detail=detail)
