"""The rooms of one person, as conditions; each has an index behind it."""

from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, not_, or_, select, union

from practio_contracts.rooms import OwnOffice, RoomStatus
from practio_rooms.tables import EndingRow, PresenceRow, RoomRow


def holds_an_office(person_id: UUID) -> ColumnElement[bool]:
    """Return the condition that the person is a room's host, facilitator or steward."""
    return RoomRow.office_ids.contains([person_id])


def has_office(person_id: UUID, office: OwnOffice) -> ColumnElement[bool]:
    """Return the condition that ``office`` is what the person is in a room of their own."""
    match office:
        case OwnOffice.HOST:
            return _is_host(person_id)
        case OwnOffice.FACILITATOR:
            return RoomRow.snapshot["facilitator_ids"].contains([str(person_id)])
        case OwnOffice.STEWARD:
            return RoomRow.snapshot["steward_ids"].contains([str(person_id)])
        case OwnOffice.PARTICIPANT:
            return not_(holds_an_office(person_id))


def is_shown_to(person_id: UUID) -> ColumnElement[bool]:
    """Return the condition that a room of the person's own is no draft of somebody else's."""
    return or_(RoomRow.status != RoomStatus.DRAFT, _is_host(person_id))


def _is_host(person_id: UUID) -> ColumnElement[bool]:
    return RoomRow.office_ids[1] == person_id


def rooms_run_or_attended(person_id: UUID, *, also_ended: bool) -> CompoundSelect[UUID]:
    """Return the ids of the rooms in which the person holds an office or is; or was when the room ended."""
    found: list[Select[UUID]] = [
        select(RoomRow.room_id).where(holds_an_office(person_id)),
        select(PresenceRow.room_id).where(PresenceRow.person_id == person_id),
    ]
    if also_ended:
        found.append(select(EndingRow.room_id).where(EndingRow.person_id == person_id, EndingRow.was_in_it))
    return union(*found)
