"""The rooms that a batch of messages concerns: locked, loaded and written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.heard import Heard
from practio_chassis.sql import one_of
from practio_contracts.membership import Membership, OccupancyChanged, Status
from practio_contracts.message import Message
from practio_contracts.people import PersonErased
from practio_contracts.rooms import Room
from practio_rooms.domain.room import RoomState
from practio_rooms.tables import PresenceRow, RoomRow


@dataclass(slots=True)
class Loaded:
    """What a batch has in hand: rooms by their id, locked, and presences by the id of their membership."""

    session: AsyncSession
    rooms: dict[UUID, RoomRow]
    presences: dict[UUID, PresenceRow]
    _states: dict[UUID, RoomState] = field(default_factory=dict)

    def state_of(self, room_id: UUID) -> RoomState | None:
        """Give the room as it is by now; None where there is none."""
        if room_id not in self._states and (row := self.rooms.get(room_id)):
            room = Room.model_validate(row.snapshot)
            self._states[room_id] = RoomState(room, asked=row.asked, guidelines_version=row.guidelines_version)
        return self._states.get(room_id)

    def states_with(self, person_id: UUID) -> Iterator[RoomState]:
        """Give the rooms in which the person holds an office."""
        for room_id, row in self.rooms.items():
            if person_id in row.office_ids and (state := self.state_of(room_id)):
                yield state

    def save(self, state: RoomState) -> None:
        """Write a room; at its publishing all its seats are free, until membership tells otherwise."""
        room = state.room
        self._states[room.room_id] = state
        row = self.rooms.get(room.room_id)
        if row is None:
            row = self.rooms[room.room_id] = RoomRow(room_id=room.room_id)
            self.session.add(row)
        if room.published_at and not row.published_at:
            row.seats_free = room.capacity or 0
        for name, value in _columns(state).items():
            setattr(row, name, value)

    def tell_occupancy(self, fact: OccupancyChanged) -> None:
        """Note how full a room is; a room that is not known here is left alone."""
        if row := self.rooms.get(fact.room_id):
            row.seats_free = max(0, fact.capacity - fact.seats_taken - fact.seats_held)
            row.waiting = fact.waiting

    async def tell_presence(self, membership: Membership) -> None:
        """Note whether a person is in a room."""
        if membership.status is not Status.JOINED:
            await self._forget(membership.membership_id)
        elif membership.membership_id not in self.presences:
            row = PresenceRow(
                membership_id=membership.membership_id, room_id=membership.room_id, person_id=membership.person_id
            )
            self.presences[membership.membership_id] = row
            self.session.add(row)

    async def _forget(self, membership_id: UUID) -> None:
        row = self.presences.pop(membership_id, None)
        if row in self.session.new:
            self.session.expunge(row)
        elif row:
            await self.session.delete(row)


async def load(session: AsyncSession, heards: Sequence[Heard[Any]], now: datetime) -> Loaded:
    """Lock, in the order of their ids, and load what the messages concern, in a query a table."""
    messages = [heard.message for heard in heards]
    return Loaded(session, await _rooms(session, messages), await _presences(session, messages))


async def _rooms(session: AsyncSession, messages: Sequence[Message]) -> dict[UUID, RoomRow]:
    room_ids = {message.room_id for message in messages if hasattr(message, "room_id")}
    erased = {message.person_id for message in messages if isinstance(message, PersonErased)}
    wanted: list[ColumnElement[bool]] = []
    if room_ids:
        wanted.append(one_of(RoomRow.room_id, room_ids))
    if erased:
        wanted.append(RoomRow.office_ids.overlap(erased))
    if not wanted:
        return {}
    rows = await session.scalars(select(RoomRow).where(or_(*wanted)).order_by(RoomRow.room_id).with_for_update())
    return {row.room_id: row for row in rows}


async def _presences(session: AsyncSession, messages: Sequence[Message]) -> dict[UUID, PresenceRow]:
    told = {message.membership.membership_id for message in messages if hasattr(message, "membership")}
    if not told:
        return {}
    rows = await session.scalars(select(PresenceRow).where(one_of(PresenceRow.membership_id, told)))
    return {row.membership_id: row for row in rows}


def _columns(state: RoomState) -> dict[str, Any]:
    room = state.room
    return {
        "snapshot": room.model_dump(mode="json"),
        "asked": state.asked,
        "guidelines_version": state.guidelines_version,
        "office_ids": [room.host_id, *room.facilitator_ids, *room.steward_ids],
        "status": room.status,
        "published_at": room.published_at,
        "format": room.format,
        "mode": room.mode,
        "language": room.language.casefold(),
        "domain": room.domain and room.domain.casefold(),
        "policy": room.access.policy,
        "sponsor_kind": room.sponsor.kind,
        "sponsor_name": room.sponsor.name and room.sponsor.name.casefold(),
    }
