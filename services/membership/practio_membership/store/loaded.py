"""What a batch has in hand: rooms, locked, and people's standings; later messages see what earlier ones wrote."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.heard import Heard
from practio_contracts.membership import LIVE, RequestToJoin, Status
from practio_contracts.message import Message
from practio_membership.domain.room import Place, RoomState, is_as_full, open_places
from practio_membership.domain.standing import Key, Standing
from practio_membership.domain.turn import Turn
from practio_membership.store import line
from practio_membership.store.rows import columns_of, standing_of, state_of, write_counts, write_rules
from practio_membership.tables import IN_QUEUE_ORDER, HistoryRow, MembershipRow, RoomRow

About = tuple[UUID, UUID]
"""A room and a person."""


def room_of(message: Message) -> UUID | None:
    """Give the one room that a message is about; None where it is about a person in all rooms."""
    room_id: UUID | None = getattr(getattr(message, "room", message), "room_id", None)
    return room_id


@dataclass(slots=True)
class Loaded:
    """Rooms by their id, and the latest membership of each person concerned, by room and person.

    ``overdue`` are the memberships whose offers are over, by room; ``last`` is the last message that is sure to be
    handled, by room.
    """

    session: AsyncSession
    rooms: dict[UUID, RoomRow]
    latest: dict[About, MembershipRow]
    overdue: Mapping[UUID, Sequence[MembershipRow]]
    last: dict[UUID | None, Heard[Any]]
    _states: dict[UUID, RoomState] = field(default_factory=dict)
    _told: dict[UUID, RoomState] = field(default_factory=dict)
    _changed: set[UUID] = field(default_factory=set)
    _rows: dict[UUID, MembershipRow] = field(default_factory=dict)
    _standings: dict[UUID, Standing] = field(default_factory=dict)

    def state(self, room_id: UUID) -> RoomState | None:
        """Give a room as it is by now; None where none was published."""
        if room_id not in self._states and (row := self.rooms.get(room_id)):
            self._states[room_id] = self._told[room_id] = state_of(row)
        return self._states.get(room_id)

    def standing(self, room_id: UUID, person_id: UUID) -> Standing | None:
        """Give where a person whom the batch concerns stands by now; None where they never asked."""
        row = self.latest.get((room_id, person_id))
        return self._seen(row) if row else None

    def over(self, room_id: UUID) -> list[Standing]:
        """Give those whose offers were over when the batch began, as they stand by now."""
        return [self._seen(row) for row in self.overdue.get(room_id, ())]

    def keep(self, turn: Turn, asked: RequestToJoin | None = None) -> None:
        """Write a turn, the room's rules included; ``asked`` is the wish of the one person who is new in it."""
        self._write_room(turn.state)
        for standing in {each.after.shown.membership_id: each.after for each in turn.told}.values():
            self._write(standing, asked)

    def _write_room(self, state: RoomState) -> None:
        room = state.room
        row = self.rooms.get(room.room_id)
        known = self._states.get(room.room_id)
        if row is None:
            row = self.rooms[room.room_id] = RoomRow(room_id=room.room_id)
            self.session.add(row)
        if known is None or known.room is not room:
            write_rules(row, room)
        write_counts(row, state)
        self._states[room.room_id] = state
        self._told.setdefault(room.room_id, state)
        self._changed.add(room.room_id)

    def fullness_to_tell(self, heard: Heard[Any]) -> list[RoomState]:
        """Give, and number, the rooms that are not as full as was told last, after ``heard`` was handled.

        Rooms of which a later message of the batch is sure to be handled are left to that one: one fact says it all.
        """
        if self.last.get(room_of(heard.message)) is heard:
            del self.last[room_of(heard.message)]
        due = self._changed - self.last.keys()
        self._changed -= due
        return [self._numbered(self._states[room_id]) for room_id in due if self._is_news(room_id)]

    def _is_news(self, room_id: UUID) -> bool:
        told = self._told.get(room_id)
        return told is not None and not is_as_full(told, self._states[room_id])

    def _numbered(self, state: RoomState) -> RoomState:
        room_id = state.room.room_id
        numbered = self._states[room_id] = self._told[room_id] = replace(state, told=state.told + 1)
        self.rooms[room_id].told = numbered.told
        return numbered

    def _write(self, standing: Standing, asked: RequestToJoin | None) -> None:
        shown = standing.shown
        row = self._rows.get(shown.membership_id)
        if row is None:
            row = MembershipRow(membership_id=shown.membership_id, room_id=shown.room_id, person_id=shown.person_id)
            row.answers = (asked.answers if asked else None) or {}
            row.message = asked.message if asked else None
            self.session.add(row)
        for name, value in columns_of(standing).items():
            setattr(row, name, value)
        self._rows[shown.membership_id] = self.latest[shown.room_id, shown.person_id] = row
        self._standings[shown.membership_id] = standing

    async def front(self, state: RoomState, *, most: int) -> list[Standing]:
        """Give the first, at most ``most``, of those in line who would take a place that is open."""
        await self.session.flush()
        rows = await line.front(self.session, state.room.room_id, open_places(state), most=most)
        return [self._seen(row) for row in rows]

    async def contested(self, state: RoomState) -> frozenset[Place]:
        """Give the open places that somebody in line would take; nothing is asked where nobody waits."""
        places = open_places(state)
        if not places or not state.waiting:
            return frozenset()
        await self.session.flush()
        return await line.contested(self.session, state.room.room_id, places)

    async def keys(self, state: RoomState) -> list[Key]:
        """Give the places in the queue of all who wait, in order; nothing is asked where nobody waits."""
        if not state.waiting:
            return []
        await self.session.flush()
        return await line.keys(self.session, state.room.room_id)

    async def people(
        self, room_id: UUID, statuses: Collection[Status], persons: Collection[UUID] = ()
    ) -> list[Standing]:
        """Give who stands in ``statuses``, and ``persons`` in any live state, in the queue's order."""
        is_one = MembershipRow.status.in_(LIVE) & MembershipRow.person_id.in_(persons)
        return await self._where(MembershipRow.room_id == room_id, MembershipRow.status.in_(statuses) | is_one)

    async def memberships_of(self, person_id: UUID) -> list[Standing]:
        """Give a person's live standings in the rooms that are locked here."""
        is_live = MembershipRow.status.in_(LIVE)
        return await self._where(
            MembershipRow.person_id == person_id, is_live, MembershipRow.room_id.in_(list(self.rooms))
        )

    async def forget_texts(self, person_id: UUID) -> None:
        """Delete what a person wrote, and what others wrote of them; ids and times stay."""
        await self.session.flush()
        texts: dict[str, Any] = {"answers": {}, "message": None, "reason": None}
        await self.session.execute(
            update(MembershipRow)
            .where(MembershipRow.person_id == person_id)
            .values(texts)
            .execution_options(synchronize_session=False)
        )
        await self.session.execute(
            update(HistoryRow)
            .where(HistoryRow.person_id == person_id, HistoryRow.reason.is_not(None))
            .values(reason=None)
            .execution_options(synchronize_session=False)
        )

    async def _where(self, *conditions: ColumnElement[bool]) -> list[Standing]:
        await self.session.flush()
        rows = await self.session.scalars(select(MembershipRow).where(*conditions).order_by(*IN_QUEUE_ORDER))
        return [self._seen(row) for row in rows]

    def _seen(self, row: MembershipRow) -> Standing:
        if row.membership_id not in self._standings:
            self._rows[row.membership_id] = self.latest[row.room_id, row.person_id] = row
            self._standings[row.membership_id] = standing_of(row)
        return self._standings[row.membership_id]
