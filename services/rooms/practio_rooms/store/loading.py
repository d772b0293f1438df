"""What a batch of messages concerns: locked and loaded with one query per table, and its changes."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.sql import one_of
from practio_contracts.membership import OccupancyChanged
from practio_contracts.message import Message
from practio_contracts.people import PersonErased
from practio_contracts.rooms import CopyRoom, CreateRoom, RoomStatus, free_seats
from practio_rooms.domain.room import Actor, RoomState, is_visible_to
from practio_rooms.store.agendas import LoadedAgendas, load_agendas
from practio_rooms.store.attending import EndedAnswers
from practio_rooms.store.care import CareBatch
from practio_rooms.store.columns import columns_of
from practio_rooms.store.feedback import FeedbackBatch, load_feedback
from practio_rooms.store.membership_timeline import TimelineBatch
from practio_rooms.store.notes import LoadedNotes, load_notes, rooms_of_notes
from practio_rooms.store.occupancies import OccupancyBatch
from practio_rooms.store.people import LoadedPeople, load_people
from practio_rooms.store.sponsors import LoadedSponsors, load_sponsors, rooms_that_follow
from practio_rooms.tables import DiscardedDraftRow, RoomRow


@dataclass(slots=True)
class Loaded:
    """The data that a batch has loaded: rooms by id, locked, and what belongs to them.

    ``discarded`` are the fingerprints of discarded drafts, by their id.
    """

    session: AsyncSession
    rooms: dict[UUID, RoomRow]
    discarded: dict[UUID, str]
    agendas: LoadedAgendas
    timelines: TimelineBatch
    feedback: FeedbackBatch
    notes: LoadedNotes
    people: LoadedPeople
    ended_answers: EndedAnswers
    sponsors: LoadedSponsors
    care: CareBatch = field(default_factory=CareBatch)
    occupancies: OccupancyBatch = field(default_factory=OccupancyBatch)
    _states: dict[UUID, RoomState] = field(default_factory=dict)

    def state_of(self, room_id: UUID) -> RoomState | None:
        """Return the room's current state, or None if it does not exist."""
        if room_id not in self._states and (row := self.rooms.get(room_id)):
            room = row.room
            self._states[room_id] = RoomState(
                room,
                fingerprint=row.asked,
                guidelines_version=row.guidelines_version,
                proposed_host_id=row.proposed_host_id,
            )
        return self._states.get(room_id)

    def visible_state(self, room_id: UUID, by: Actor) -> RoomState | None:
        """Return the current state of a room of which the actor may know, or None."""
        state = self.state_of(room_id)
        return state if state and is_visible_to(state.room, by) else None

    def states_with(self, person_id: UUID) -> Iterator[RoomState]:
        """Yield the rooms in which the person holds an office or is proposed as host."""
        for room_id, row in self.rooms.items():
            if person_id in (*row.office_ids, row.proposed_host_id) and (state := self.state_of(room_id)):
                yield state

    def save(self, state: RoomState) -> None:
        """Save a room; when it is published, every seat of it is free until membership publishes its occupancy."""
        room = state.room
        if state.is_discarded:
            self._discard(state)
            return
        self._states[room.room_id] = state
        row = self.rooms.get(room.room_id)
        if row is None:
            row = self.rooms[room.room_id] = RoomRow(room_id=room.room_id)
            self.session.add(row)
        self.care.note(row.status, room)
        if room.published_at and not row.published_at:
            row.seats_free = free_seats(room.capacity or 0, 0, ((role.seats, 0) for role in room.roles))
        for name, value in columns_of(state).items():
            setattr(row, name, value)

    def _discard(self, state: RoomState) -> None:
        """Delete a draft; only its id remains, so that it is not given again."""
        room_id = state.room.room_id
        self.agendas.discard(room_id)
        self.notes.discard(room_id)
        del self._states[room_id]
        row = self.rooms.pop(room_id)
        if row in self.session.new:
            self.session.expunge(row)
        else:
            self.session.sync_session.delete(row)
        self.discarded[room_id] = state.fingerprint
        self.session.add(DiscardedDraftRow(room_id=room_id, asked=state.fingerprint))

    async def write_before_reading(self, now: datetime) -> None:
        """Write what a batch has changed so far, for a handler that reads tables."""
        await self.session.flush()
        await self.people.write(self.session)
        await self.occupancies.write(self.session)
        await self.timelines.write(self.session)
        await self.care.write(self.session, now)

    def update_occupancy(self, event: OccupancyChanged) -> None:
        """Record how full a room is; an unknown room is ignored."""
        if row := self.rooms.get(event.room_id):
            self.occupancies.record(row, event)


async def load(session: AsyncSession, batch: Sequence[ReceivedMessage[Any]], now: datetime) -> Loaded:
    """Lock in the order of ids, and load, what the messages concern, with one query per table."""
    messages = [received.message for received in batch]
    rooms = await _rooms(session, messages)
    created = {room_id for message in messages if (room_id := _created_by(message))} - rooms.keys()
    return Loaded(
        session,
        rooms,
        await _discarded(session, created),
        await load_agendas(session, messages, besides=_of_erased(rooms, messages)),
        TimelineBatch(),
        await load_feedback(session, batch),
        await load_notes(session, batch),
        await load_people(session, messages),
        EndedAnswers(),
        await load_sponsors(session, messages),
    )


def _created_by(message: Message) -> UUID | None:
    match message:
        case CreateRoom():
            return message.room_id
        case CopyRoom():
            return message.new_room_id
        case _:
            return None


async def _rooms(session: AsyncSession, messages: Sequence[Message]) -> dict[UUID, RoomRow]:
    room_ids = {room_id for message in messages if (room_id := getattr(message, "room_id", None))}
    room_ids |= {message.new_room_id for message in messages if isinstance(message, CopyRoom)}
    room_ids |= await rooms_of_notes(session, messages)
    room_ids |= await rooms_that_follow(session, messages)
    erased = {message.person_id for message in messages if isinstance(message, PersonErased)}
    wanted: list[ColumnElement[bool]] = []
    if room_ids:
        wanted.append(one_of(RoomRow.room_id, room_ids))
    if erased:
        wanted += [RoomRow.office_ids.overlap(erased), one_of(RoomRow.proposed_host_id, erased)]
    if not wanted:
        return {}
    rows = await session.scalars(select(RoomRow).where(or_(*wanted)).order_by(RoomRow.room_id).with_for_update())
    return {row.room_id: row for row in rows}


def _of_erased(rooms: Mapping[UUID, RoomRow], messages: Sequence[Message]) -> Set[UUID]:
    """Return the drafts of people who are erased: they may be discarded."""
    erased = {message.person_id for message in messages if isinstance(message, PersonErased)}
    return {
        each.room_id for each in rooms.values() if each.status == RoomStatus.DRAFT and erased & set(each.office_ids)
    }


async def _discarded(session: AsyncSession, room_ids: Set[UUID]) -> dict[UUID, str]:
    if not room_ids:
        return {}
    rows = await session.scalars(select(DiscardedDraftRow).where(one_of(DiscardedDraftRow.room_id, room_ids)))
    return {row.room_id: row.asked for row in rows}
