"""Situations: the state, at the moment of sending, of everything that letters are about."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.membership import OccupancyChanged, Status
from practio_contracts.rooms import Room, Session
from practio_notifications.letters.dates import AnnouncedSession
from practio_notifications.letters.relevance import Contact, Erased, MembershipState, Person, Situation
from practio_notifications.store.projections import rows_of
from practio_notifications.store.seats import seated_among
from practio_notifications.tables import ContactRow, LetterRow, MembershipRow, OccupancyRow, RoomRow, SessionRow

V = TypeVar("V")


async def situations(session: AsyncSession, letters: Sequence[LetterRow], now: datetime) -> list[Situation]:
    """Return each letter's situation, in order, with one query per table."""
    if not letters:
        return []
    room_ids = {letter.room_id for letter in letters if letter.room_id}
    found = await rows_of(session, RoomRow.room_id, room_ids)
    rooms = {room_id: Room.model_validate(row.snapshot) for room_id, row in found.items()}
    hosts = {room.host_id for room in rooms.values()}
    readers = {person_id for letter in letters for person_id in (letter.person_id, letter.member_id)}
    contacts = await rows_of(session, ContactRow.person_id, readers | hosts)
    ways = {letter.membership_id for letter in letters if letter.membership_id}
    memberships = await rows_of(session, MembershipRow.membership_id, ways)
    occupancies = await rows_of(session, OccupancyRow.room_id, room_ids)
    seated = await seated_among(session, ((each.room_id, each.person_id) for each in letters if each.room_id))
    sessions = await _sessions(session, room_ids, now)
    return [
        Situation(
            reader=_person(contacts.get(letter.person_id)),
            member=_person(contacts.get(letter.member_id)),
            host=_person(contacts.get(room.host_id)) if (room := _in(rooms, letter.room_id)) else None,
            room=room,
            member_state=_membership(_in(memberships, letter.membership_id)),
            occupancy=_occupancy(_in(occupancies, letter.room_id)),
            seated=(letter.room_id, letter.person_id) in seated,
            proposed_host_id=found[room.room_id].proposed_host_id if room else None,
            sessions=tuple(_in(sessions, letter.room_id) or ()),
        )
        for letter in letters
    ]


def _in(found: Mapping[UUID, V], identity: UUID | None) -> V | None:
    return found.get(identity) if identity else None


async def _sessions(session: AsyncSession, room_ids: set[UUID], now: datetime) -> dict[UUID, list[AnnouncedSession]]:
    wanted = select(SessionRow).where(one_of(SessionRow.room_id, room_ids), SessionRow.ends_at > now)
    found: dict[UUID, list[AnnouncedSession]] = {}
    for row in await session.scalars(wanted):
        found.setdefault(row.room_id, []).append(AnnouncedSession(Session.model_validate(row.snapshot), row.cause_id))
    return found


def _person(row: ContactRow | None) -> Person:
    if row is None:
        return None
    if row.display_name is None or row.email is None or row.locale is None or row.time_zone is None:
        return Erased()
    return Contact(row.display_name, row.email, row.locale, row.time_zone)


def _membership(row: MembershipRow | None) -> MembershipState | None:
    return MembershipState(Status(row.status), row.offer_expires_at, row.role, row.was_joined) if row else None


def _occupancy(row: OccupancyRow | None) -> OccupancyChanged | None:
    return OccupancyChanged.model_validate(row.event_data) if row else None
