"""What is known of people, rooms and memberships: loaded once for a batch of messages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from practio_chassis.heard import Heard
from practio_contracts.membership import MembershipFact, OccupancyChanged
from practio_contracts.people import PersonChanged, PersonErased, PersonRegistered
from practio_contracts.rooms import Room, RoomFact
from practio_notifications.letters.kinds import host_and_offices
from practio_notifications.tables import ContactRow, LetterRow, OccupancyRow, RoomRow, Row, StandingRow

PersonFact = PersonRegistered | PersonChanged | PersonErased
R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Known:
    """Rows by id, for all messages of a batch; handlers add the new ones, so that later messages find them.

    ``held`` are letters that wait for the address of a person of whom the batch tells; ``lettered`` are the facts
    of the batch whose letters were written before.
    """

    contacts: dict[UUID, ContactRow]
    rooms: dict[UUID, RoomRow]
    occupancies: dict[UUID, OccupancyRow]
    standings: dict[UUID, StandingRow]
    held: dict[UUID, list[LetterRow]]
    lettered: set[UUID]

    def room(self, room_id: UUID) -> Room | None:
        """Give a room's newest snapshot; None where none was heard."""
        row = self.rooms.get(room_id)
        return Room.model_validate(row.snapshot) if row else None

    def is_erased(self, person_id: UUID) -> bool:
        """Say whether a person is to be forgotten."""
        row = self.contacts.get(person_id)
        return row is not None and row.email is None


async def load(session: AsyncSession, heards: Sequence[Heard[Any]]) -> Known:
    """Load what a batch concerns, a query a table; held letters are locked, in the order of their ids."""
    told = [heard.message for heard in heards]
    ways = [fact.membership for fact in told if isinstance(fact, MembershipFact)]
    told_rooms = [fact.room for fact in told if isinstance(fact, RoomFact)]
    told_people = {fact.person_id for fact in told if isinstance(fact, PersonFact)}
    occupied = {fact.room_id for fact in told if isinstance(fact, OccupancyChanged)}
    rooms = await rows_of(
        session, RoomRow.room_id, {way.room_id for way in ways} | {room.room_id for room in told_rooms}
    )
    readers = {way.person_id for way in ways} | (_deciders([*told_rooms, *_snapshots(rooms)]) if ways else set())
    return Known(
        contacts=await rows_of(session, ContactRow.person_id, told_people | readers),
        rooms=rooms,
        occupancies=await rows_of(session, OccupancyRow.room_id, occupied),
        standings=await rows_of(session, StandingRow.membership_id, {way.membership_id for way in ways}),
        held=await _held(session, told_people),
        lettered=await _lettered(
            session, {heard.envelope.id for heard in heards if isinstance(heard.message, MembershipFact)}
        ),
    )


async def rows_of(session: AsyncSession, key: InstrumentedAttribute[UUID], ids: Iterable[UUID]) -> dict[UUID, Any]:
    """Give the rows of the table of ``key`` whose key is one of ``ids``, by that key; no query for no ids."""
    wanted = set(ids)
    if not wanted:
        return {}
    found = await session.scalars(select(key.class_).where(one_of(key, wanted)))
    return {getattr(row, key.key): row for row in found}


def one_of(column: InstrumentedAttribute[UUID], ids: Iterable[UUID]) -> ColumnElement[bool]:
    """Give ``column = ANY(ids)``: one statement for any number of ids, so that PostgreSQL plans it once."""
    return column == any_(literal(list(ids), ARRAY(Uuid)))


def _snapshots(rooms: dict[UUID, RoomRow]) -> list[Room]:
    return [Room.model_validate(row.snapshot) for row in rooms.values()]


def _deciders(rooms: Iterable[Room]) -> set[UUID]:
    return {person_id for room in rooms for person_id in host_and_offices(room)}


async def _held(session: AsyncSession, people: set[UUID]) -> dict[UUID, list[LetterRow]]:
    if not people:
        return {}
    waiting = (LetterRow.status == "held", one_of(LetterRow.person_id, people))
    found = await session.scalars(select(LetterRow).where(*waiting).order_by(LetterRow.letter_id).with_for_update())
    held: dict[UUID, list[LetterRow]] = {}
    for letter in found:
        held.setdefault(letter.person_id, []).append(letter)
    return held


async def _lettered(session: AsyncSession, facts: set[UUID]) -> set[UUID]:
    if not facts:
        return set()
    return set(await session.scalars(select(LetterRow.fact_id).where(one_of(LetterRow.fact_id, facts))))
