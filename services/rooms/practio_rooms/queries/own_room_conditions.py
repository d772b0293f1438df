"""The rooms of one person, as conditions; each has an index behind it."""

from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
    Uuid,
    cast,
    not_,
    or_,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import array

from practio_contracts.rooms import OwnOffice, RoomStatus
from practio_rooms.tables import EndingRow, PresenceRow, RoomRow

Person = UUID | BindParameter[UUID]
"""A person's id, or its place in a statement that is made once."""


def holds_an_office(person_id: Person) -> ColumnElement[bool]:
    """Return the condition that the person is a room's host, facilitator or steward."""
    return RoomRow.office_ids.contains(cast(array([person_id]), ARRAY(Uuid)))


def has_office(person_id: Person, office: OwnOffice) -> ColumnElement[bool]:
    """Return the condition that ``office`` is what the person is in a room of their own."""
    match office:
        case OwnOffice.HOST:
            return _is_host(person_id)
        case OwnOffice.FACILITATOR:
            return _names("facilitator_ids", person_id)
        case OwnOffice.STEWARD:
            return _names("steward_ids", person_id)
        case OwnOffice.PARTICIPANT:
            return not_(holds_an_office(person_id))


def _names(office: str, person_id: Person) -> ColumnElement[bool]:
    """Return the condition that one of the ids in a room's snapshot is the person's."""
    identity = str(person_id) if isinstance(person_id, UUID) else cast(person_id, Text)
    return RoomRow.snapshot[office].has_key(identity)  # type: ignore[no-any-return]


def is_shown_to(person_id: Person) -> ColumnElement[bool]:
    """Return the condition that a room of the person's own is no draft of somebody else's."""
    return or_(RoomRow.status != RoomStatus.DRAFT, _is_host(person_id))


def _is_host(person_id: Person) -> ColumnElement[bool]:
    return RoomRow.office_ids[1] == person_id


def rooms_run_or_attended(person_id: Person) -> CompoundSelect[UUID]:
    """Return the ids of the rooms in which the person holds an office or is; or was when the room ended."""
    return union(select(RoomRow.room_id).where(holds_an_office(person_id)), *_attended(person_id))


def rooms_attended(person_id: Person) -> CompoundSelect[UUID]:
    """Return the ids of the rooms in which the person is; or was when the room ended."""
    return union(*_attended(person_id))


def rooms_to_meet_in(person_id: Person) -> CompoundSelect[UUID]:
    """Return the ids of the rooms whose sessions are the person's: in which they are, or hold an office.

    Drafts of others are left out where the rooms are read anyway, since nobody can be in a draft.
    """
    run = select(RoomRow.room_id).where(holds_an_office(person_id), is_shown_to(person_id))
    return union(run, select(PresenceRow.room_id).where(PresenceRow.person_id == person_id))


def _attended(person_id: Person) -> tuple[Select[UUID], Select[UUID]]:
    return (
        select(PresenceRow.room_id).where(PresenceRow.person_id == person_id),
        select(EndingRow.room_id).where(EndingRow.person_id == person_id, EndingRow.was_in_it),
    )
