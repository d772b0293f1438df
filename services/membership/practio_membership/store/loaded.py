"""The state that a batch works on: locked rooms and their people; later messages see what earlier ones changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.sql import one_of
from practio_contracts.membership import AcceptInvitation, RequestToJoin, Status
from practio_contracts.message import Message
from practio_membership.domain.changes import Changes
from practio_membership.domain.membership_state import Key, MembershipState
from practio_membership.domain.room import Place, RoomState, has_same_occupancy, open_places
from practio_membership.store import waitlist
from practio_membership.store.buddies import BuddyBatch
from practio_membership.store.changes import ChangedRows
from practio_membership.store.rows import member_of
from practio_membership.tables import IN_WAITLIST_ORDER, IS_LIVE, MembershipRow

About = tuple[UUID, UUID]
"""A room and a person."""


def room_of(message: Message) -> UUID | None:
    """Return the one room that a message is about; None if it is about a person in all rooms."""
    room_id: UUID | None = getattr(getattr(message, "room", message), "room_id", None)
    return room_id


@dataclass(slots=True)
class Loaded:
    """Rooms by their id, and the latest membership of each person concerned, by room and person, in their latest state.

    ``overdue`` are the people whose offers have expired, by room. ``behind`` is how many people wait behind newcomers,
    in the rooms for which it is known. ``given`` is how many people got a seat from the waitlist so far, ``ended`` how
    many the end of a room ended; in the rooms ``unfilled`` seats are left for the next batch. Changes are written when
    the database is queried about them, and at the end of the batch.
    """

    session: AsyncSession
    rooms: dict[UUID, RoomState]
    latest: dict[About, MembershipState]
    overdue: Mapping[UUID, Sequence[UUID]]
    behind: dict[UUID, int] = field(default_factory=dict)
    changes: ChangedRows = field(default_factory=ChangedRows)
    pairs: BuddyBatch = field(default_factory=BuddyBatch)
    given: int = 0
    ended: int = 0
    unfilled: set[UUID] = field(default_factory=set)
    _published: dict[UUID, RoomState] = field(default_factory=dict)
    _causes: dict[UUID, ReceivedMessage[Any]] = field(default_factory=dict)

    def state(self, room_id: UUID) -> RoomState | None:
        """Return a room; None if none was published."""
        return self.rooms.get(room_id)

    def member(self, room_id: UUID, person_id: UUID) -> MembershipState | None:
        """Return a person whom the batch concerns; None if they never asked."""
        return self.latest.get((room_id, person_id))

    def over(self, room_id: UUID) -> list[MembershipState]:
        """Return the people whose offers were overdue when the batch began, in their latest state."""
        return [self.latest[room_id, person_id] for person_id in self.overdue.get(room_id, ())]

    def record(
        self, changes: Changes, received: ReceivedMessage[Any], asked: RequestToJoin | AcceptInvitation | None = None
    ) -> None:
        """Record changes caused by ``received``, including the room's rules; ``asked`` is what its person wrote."""
        state = changes.state
        room_id = state.room.room_id
        before = self.rooms.get(room_id)
        self.changes.add_room(state, before)
        self._published.setdefault(room_id, before or state)
        self._causes[room_id] = received
        self.rooms[room_id] = state
        for transition in changes.transitions:
            self.latest[room_id, transition.after.snapshot.person_id] = transition.after
            self.changes.add_membership(transition, asked)
            if room_id in self.behind:
                self.behind[room_id] += (
                    transition.after.waits_behind_newcomers - transition.before.waits_behind_newcomers
                )

    def occupancies_to_publish(self) -> list[tuple[RoomState, ReceivedMessage[Any]]]:
        """Return, and number, the rooms whose occupancy has changed, each with the message that changed it last."""
        changed = [
            room_id for room_id in self._causes if not has_same_occupancy(self.rooms[room_id], self._published[room_id])
        ]
        return [(self._numbered(self.rooms[room_id]), self._causes[room_id]) for room_id in changed]

    def _numbered(self, state: RoomState) -> RoomState:
        room_id = state.room.room_id
        numbered = self.rooms[room_id] = self._published[room_id] = replace(
            state, occupancy_sequence=state.occupancy_sequence + 1
        )
        self.changes.add_room(numbered, state)
        return numbered

    async def front(self, state: RoomState, *, most: int) -> list[MembershipState]:
        """Return the first, at most ``most``, people on the waitlist who would take an open place."""
        await self.write()
        rows = await waitlist.front(self.session, state.room.room_id, open_places(state), most=most)
        return [self._member_of(row) for row in rows]

    async def contested(self, state: RoomState) -> frozenset[Place]:
        """Return the open places that somebody on the waitlist would take; no query if nobody waits."""
        places = open_places(state)
        if not places or not state.waiting:
            return frozenset()
        await self.write()
        return await waitlist.contested(self.session, state.room.room_id, places)

    async def keys(self, state: RoomState) -> list[Key]:
        """Return the keys of the waitlist, in order; no query if nobody waits."""
        if not state.waiting:
            return []
        await self.write()
        return await waitlist.keys(self.session, state.room.room_id)

    async def behind_newcomers(self, state: RoomState) -> int:
        """Return how many waiting people come after a newcomer; queried once per batch, for all rooms of requests."""
        room_id = state.room.room_id
        if not state.waiting:
            return 0
        if room_id not in self.behind:
            await self.write()
            self.behind |= await waitlist.behind_newcomers(self.session, [room_id])
        return self.behind[room_id]

    async def buddies(self, room_id: UUID) -> Mapping[UUID, UUID]:
        """Return the buddies of a room by the person whose buddy each is; queried once per batch, for all its rooms."""
        return await self.pairs.of(self.session, room_id, self.rooms)

    def assign_buddy(self, room_id: UUID, person_id: UUID, buddy_id: UUID | None, *, at: datetime) -> None:
        """Record the buddy of a person, None for none any more."""
        self.pairs.assign(room_id, person_id, buddy_id, at=at)

    async def people(
        self,
        room_id: UUID,
        statuses: Collection[Status],
        persons: Collection[UUID] = (),
        *,
        most: int | None = None,
    ) -> list[MembershipState]:
        """Return the people in ``statuses``, and ``persons`` if live: the first ``most`` in waitlist order."""
        is_one = IS_LIVE & one_of(MembershipRow.person_id, persons)
        concerned = one_of(MembershipRow.status, statuses) | is_one
        return await self._where(MembershipRow.room_id == room_id, concerned, most=most)

    async def memberships_of(self, person_id: UUID) -> list[MembershipState]:
        """Return a person's live memberships in the rooms that are locked here."""
        return await self._where(
            MembershipRow.person_id == person_id, IS_LIVE, one_of(MembershipRow.room_id, self.rooms)
        )

    async def _where(self, *conditions: ColumnElement[bool], most: int | None = None) -> list[MembershipState]:
        await self.write()
        query = select(MembershipRow).where(*conditions).order_by(*IN_WAITLIST_ORDER).limit(most)
        rows = await self.session.scalars(query)
        return [self._member_of(row) for row in rows]

    async def write(self) -> None:
        """Write what has changed since the last time."""
        await self.changes.write(self.session)
        if self.pairs.changed:
            await self.session.run_sync(self.pairs.write)

    def _member_of(self, row: MembershipRow) -> MembershipState:
        """Return the member of a row, which is the person's latest: the loaded state is never older."""
        return self.latest.setdefault((row.room_id, row.person_id), member_of(row))
