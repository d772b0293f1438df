"""Who holds an office under the host: appointing and dismissing (rooms.md, Who may what).

A person holds one office in a room, or none: whoever is to change from one to the other is dismissed first.
"""

from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    MOST_IN_AN_OFFICE,
    Appoint,
    Dismiss,
    Office,
    OfficeChanged,
    RefusalCode,
    Room,
)
from practio_rooms.domain.room import FINAL, Actor, RoomState, changed, has_say, not_allowed, not_in_this_state

_FIELDS = {Office.FACILITATOR: "facilitator_ids", Office.STEWARD: "steward_ids"}


def appoint(state: RoomState, command: Appoint, by: Actor) -> OfficeChanged | Refusal | None:
    """Give an office to a person who holds none; to whoever holds it already, nothing changes."""
    room, person_id = state.room, command.person_id
    if not has_say(room, by):
        return not_allowed("only the host can appoint people to offices: ask the host")
    if room.status in FINAL:
        return not_in_this_state(room, wished="given new offices")
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
    """Take an office away; whoever holds it may lay it down. From an office not held, nothing changes."""
    room = state.room
    if not (has_say(room, by) or by == command.person_id):
        return not_allowed("only the host can dismiss people from offices; everyone can resign from their own")
    if room.status in FINAL:
        return not_in_this_state(room, wished="given new offices")
    if office_of(room, command.person_id) is not command.office:
        return None
    return dismissed(room, command.person_id)


def dismissed(room: Room, person_id: UUID) -> OfficeChanged | None:
    """Tell that a person holds no office any more; None where they hold none under the host."""
    office = office_of(room, person_id)
    if office is None:
        return None
    after = changed(room, **offices_without(room, person_id))
    return OfficeChanged(room=after, person_id=person_id, office=office, appointed=False)


def office_of(room: Room, person_id: UUID) -> Office | None:
    """Give the office under the host that a person holds."""
    return next((office for office, field in _FIELDS.items() if person_id in getattr(room, field)), None)


def offices_without(room: Room, person_id: UUID) -> dict[str, list[UUID]]:
    """Give the fields of the offices under the host without a person."""
    return {field: [each for each in getattr(room, field) if each != person_id] for field in _FIELDS.values()}


def office_taken(detail: str) -> Refusal:
    """Refuse an office to whom, or of which, there is one already."""
    return Refusal(code=RefusalCode.OFFICE_TAKEN, detail=detail)
