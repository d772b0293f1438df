"""Projections of people, rooms and memberships, loaded once for a batch of messages."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.sql import among, one_of
from practio_contracts.membership import MembershipEvent
from practio_contracts.notifications import LetterStatus
from practio_contracts.people import PersonChanged, PersonErased, PersonRegistered
from practio_contracts.rooms import (
    Announced,
    ConductSettled,
    HandOverProposed,
    HostChanged,
    OfficeChanged,
    PersonThanked,
    Room,
    RoomDrafted,
    RoomEvent,
    RoomPublished,
    SessionEvent,
    SessionReplayed,
)
from practio_notifications.letters.kinds import goes_to_all
from practio_notifications.letters.recipients import Audience, BareEvent, Cause, room_of
from practio_notifications.store.erased_people import erased_people
from practio_notifications.store.memberships import MembershipBatch, load_memberships
from practio_notifications.store.occupancies import OccupancyBatch
from practio_notifications.tables import ContactRow, LetterRow, RoomRow, Row, SessionRow

_UUID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_STILL_HERE = (LetterStatus.QUEUED, LetterStatus.HELD)

PersonEvent = PersonRegistered | PersonChanged | PersonErased
R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Projections:
    """Rows by id, for all messages of a batch; handlers add new ones, so that later messages find them.

    ``held`` are letters that wait for the address of a person in the batch. ``erased`` are those of all these people
    who were erased before the batch. ``lettered`` are the events, and the causes of sessions, whose letters were
    written before, and whether all of these can still be extended. ``queued`` are the columns of the letters of this
    batch, which are stored at its end. ``read`` are the snapshots that were read into rooms, each with its room.
    """

    contacts: dict[UUID, ContactRow]
    erased: Collection[UUID]
    rooms: dict[UUID, RoomRow]
    memberships: MembershipBatch
    sessions: dict[UUID, SessionRow]
    held: dict[UUID, list[LetterRow]]
    lettered: dict[UUID, bool]
    occupancies: OccupancyBatch = field(default_factory=OccupancyBatch)
    read: dict[UUID, tuple[Any, Room]] = field(default_factory=dict)
    queued: list[dict[str, Any]] = field(default_factory=list)

    def room(self, room_id: UUID) -> Room | None:
        """Return a room's newest snapshot; None if there is none yet."""
        row = self.rooms.get(room_id)
        if row is None:
            return None
        snapshot, room = self.read.get(room_id) or (None, None)
        if room is None or snapshot is not row.snapshot:
            room = Room.model_validate(row.snapshot)
            self.read[room_id] = row.snapshot, room
        return room

    def audience(self, room: Room) -> Audience:
        """Return a room with the people who have a seat in it."""
        memberships = self.memberships
        return Audience(room, memberships.seated_in(room.room_id), memberships.waiting_in(room.room_id))

    def has_address(self, person_id: UUID) -> bool:
        """Return whether a person's address is known."""
        row = self.contacts.get(person_id)
        return row is not None and row.email is not None


async def load(session: AsyncSession, batch: Sequence[ReceivedMessage[Any]]) -> Projections:
    """Load what a batch concerns, with one query per table; held letters are locked in the order of their ids."""
    messages = [received.message for received in batch]
    published_memberships = [event.membership for event in messages if isinstance(event, MembershipEvent)]
    published_rooms = [event.room for event in messages if isinstance(event, RoomEvent)]
    published_people = {event.person_id for event in messages if isinstance(event, PersonEvent)}
    concerned = (
        {each.room_id for each in published_memberships} | {room.room_id for room in published_rooms} | _bare(messages)
    )
    rooms = await rows_of(session, RoomRow.room_id, concerned)
    memberships = await load_memberships(
        session,
        {each.membership_id for each in published_memberships},
        seated_in={room_of(event) for event in _to_all(messages)},
        waiting_in={event.room_id for event in messages if isinstance(event, Announced)},
    )
    readers = {each.person_id for each in memberships.known.values()} | {
        each.person_id for each in published_memberships
    }
    readers |= _named(messages)
    asks_offices = bool(published_memberships) or _with_offices(messages)
    read = _read(rooms) if asks_offices else {}
    decide = _deciders([*published_rooms, *(room for _, room in read.values())]) if asks_offices else set()
    people = published_people | readers | decide
    return Projections(
        contacts=await rows_of(session, ContactRow.person_id, people),
        erased=await erased_people(session, people),
        rooms=rooms,
        memberships=memberships,
        sessions=await rows_of(
            session,
            SessionRow.session_id,
            {event.session.session_id for event in messages if isinstance(event, SessionEvent | SessionReplayed)},
        ),
        held=await _held(session, published_people),
        lettered=await _lettered(
            session, {cause_id_of(received) for received in batch if isinstance(received.message, Cause)}
        ),
        read=read,
    )


def cause_id_of(received: ReceivedMessage[Any]) -> UUID:
    """Return the id of the cause of an event's letters: the event's own, or for sessions that of the command.

    One command may schedule many dates.
    """
    cause = received.envelope.causationid
    if isinstance(received.message, SessionEvent) and cause and _UUID.match(cause):
        return UUID(cause)
    return received.envelope.id


def _to_all(messages: Sequence[Any]) -> list[RoomEvent | BareEvent]:
    return [event for event in messages if isinstance(event, RoomEvent | BareEvent) and goes_to_all(event)]


def _with_offices(messages: Sequence[Any]) -> bool:
    return bool(_to_all(messages)) or any(isinstance(event, BareEvent) for event in messages)


def _bare(messages: Sequence[Any]) -> set[UUID]:
    """Return the rooms of events that do not have their snapshot."""
    return {event.room_id for event in messages if isinstance(event, BareEvent)}


def _named(messages: Sequence[Any]) -> set[UUID]:
    """Return the readers of letters about rooms that go to one person."""
    concerned = {
        event.person_id
        for event in messages
        if isinstance(event, OfficeChanged | HandOverProposed | HostChanged | PersonThanked)
    }
    concerned |= {event.former_host_id for event in messages if isinstance(event, HostChanged)}
    concerned |= {event.reporter_id for event in messages if isinstance(event, ConductSettled) and event.reporter_id}
    return concerned | {event.room.host_id for event in messages if isinstance(event, RoomDrafted | RoomPublished)}


def find_or_add(session: AsyncSession, rows: dict[UUID, R], kind: type[R], **key: UUID) -> R:
    """Return the row of this key; create it if it is not among ``rows``."""
    (identity,) = key.values()
    if identity not in rows:
        rows[identity] = kind(**key)
        session.add(rows[identity])
    return rows[identity]


async def rows_of(session: AsyncSession, key: InstrumentedAttribute[UUID], ids: Iterable[UUID]) -> dict[UUID, Any]:
    """Return the rows of the table of ``key`` whose key is one of ``ids``, by that key; no query for no ids."""
    wanted = set(ids)
    if not wanted:
        return {}
    found = await session.scalars(_rows(key), {"keys": list(wanted)})
    return {getattr(row, key.key): row for row in found}


@lru_cache(maxsize=50)
def _rows(key: InstrumentedAttribute[UUID]) -> Select[Any]:
    return select(key.class_).where(among(key, "keys"))


def _read(rooms: dict[UUID, RoomRow]) -> dict[UUID, tuple[Any, Room]]:
    return {room_id: (row.snapshot, Room.model_validate(row.snapshot)) for room_id, row in rooms.items()}


def _deciders(rooms: Iterable[Room]) -> set[UUID]:
    return {person_id for room in rooms for person_id in room.office_ids}


async def _held(session: AsyncSession, people: set[UUID]) -> dict[UUID, list[LetterRow]]:
    if not people:
        return {}
    waiting = (LetterRow.status == "held", one_of(LetterRow.person_id, people))
    found = await session.scalars(select(LetterRow).where(*waiting).order_by(LetterRow.letter_id).with_for_update())
    held: dict[UUID, list[LetterRow]] = {}
    for letter in found:
        held.setdefault(letter.person_id, []).append(letter)
    return held


_LETTERED = (
    select(LetterRow.event_id, LetterRow.status)
    .where(among(LetterRow.event_id, "events"))
    .order_by(LetterRow.letter_id)
    .with_for_update()
)


async def _lettered(session: AsyncSession, events: set[UUID]) -> dict[UUID, bool]:
    """Return which of ``events`` have letters, and whether all of these can still be extended; lock them meanwhile."""
    if not events:
        return {}
    found: dict[UUID, bool] = {}
    for event_id, status in await session.execute(_LETTERED, {"events": list(events)}):
        found[event_id] = found.get(event_id, True) and status in _STILL_HERE
    return found
