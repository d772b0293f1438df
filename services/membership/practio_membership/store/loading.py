"""What a batch concerns: rooms and people, locked, loaded, and changed as its messages are handled."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, cast, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.sql import among, lists_of, one_of
from practio_contracts.membership import (
    AcceptInvitation,
    AssignBuddy,
    DecideRequests,
    ExchangeRoles,
    InviteFrom,
    RequestToJoin,
    Status,
)
from practio_contracts.message import Message
from practio_contracts.people import PersonErased
from practio_membership.domain.changes import Changes
from practio_membership.domain.membership_state import Key, MembershipState
from practio_membership.domain.room import Place, RoomState, has_same_occupancy, open_places
from practio_membership.store import waitlist
from practio_membership.store.buddies import BuddyBatch
from practio_membership.store.changes import ChangedRows
from practio_membership.store.rows import member_of, state_of
from practio_membership.tables import HAS_OFFER, IN_WAITLIST_ORDER, IS_LIVE, MembershipRow, RoomRow

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
            after = transition.after
            self.latest[room_id, after.snapshot.person_id] = after
            self.changes.add_membership(transition, asked)
            if room_id in self.behind:
                self.behind[room_id] += after.waits_behind_newcomers - transition.before.waits_behind_newcomers

    def occupancies_to_publish(self) -> list[tuple[RoomState, ReceivedMessage[Any]]]:
        """Return, and number, the rooms whose occupancy has changed, each with the message that changed it last."""
        changed = [
            room_id for room_id in self._causes if not has_same_occupancy(self.rooms[room_id], self._published[room_id])
        ]
        return [(self._numbered(self.rooms[room_id]), self._causes[room_id]) for room_id in changed]

    def _numbered(self, state: RoomState) -> RoomState:
        room_id = state.room.room_id
        numbered = replace(state, occupancy_sequence=state.occupancy_sequence + 1)
        self.rooms[room_id] = self._published[room_id] = numbered
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
        self, room_id: UUID, statuses: Collection[Status], persons: Collection[UUID] = (), *, most: int | None = None
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


_PAIR = ("room_ids", "person_ids")

MOST_OVER_AT_ONCE = 200
"""How many offers of a room end in one batch, beside those of the people concerned; each has a timer for the rest."""


async def load(session: AsyncSession, batch: Sequence[ReceivedMessage[Any]], now: datetime) -> Loaded:
    """Return what the messages concern; every path that writes locks its rooms here, before anything else."""
    messages = [received.message for received in batch]
    room_ids = {room_id for message in messages if (room_id := room_of(message))}
    room_ids |= {message.from_room_id for message in messages if isinstance(message, InviteFrom)}
    rooms = await _lock_rooms(session, room_ids | await _rooms_of_erased(session, messages))
    pairs = {pair for message in messages for pair in _pairs_of(message) if pair[0] in rooms}
    holding = [room_id for room_id, state in rooms.items() if state.held]
    found = [
        *(await _overdue(session, holding, now) if holding else []),
        *(await latest_of(session, pairs) if pairs else []),
    ]
    latest = {(each.snapshot.room_id, each.snapshot.person_id): each for each in found}
    behind = await _behind_newcomers(session, rooms, messages)
    return Loaded(session, rooms, latest, overdue=_over_by_room(latest.values(), now), behind=behind)


async def _behind_newcomers(
    session: AsyncSession, rooms: Mapping[UUID, RoomState], messages: Sequence[Message]
) -> dict[UUID, int]:
    """Return how many people wait behind newcomers in each room of a request.

    Asked for room by room, as messages come to it, everything before would have to be written first: four statements
    for each message of a batch that is spread over full rooms.
    """
    requested = {message.room_id for message in messages if isinstance(message, RequestToJoin)} & rooms.keys()
    with_waitlist = [room_id for room_id in requested if rooms[room_id].waiting]
    return dict.fromkeys(requested, 0) | await waitlist.behind_newcomers(session, with_waitlist)


def _pairs_of(message: Message) -> list[About]:
    if isinstance(message, DecideRequests):
        return [(message.room_id, each.person_id) for each in message.decisions]
    if isinstance(message, InviteFrom):
        return [(room_id, each) for room_id in (message.room_id, message.from_room_id) for each in message.person_ids]
    if isinstance(message, ExchangeRoles):
        return [(message.room_id, each.person_id) for each in message.assignments]
    if isinstance(message, AssignBuddy) and message.buddy_id:
        return [(message.room_id, message.person_id), (message.room_id, message.buddy_id)]
    if hasattr(message, "room_id") and hasattr(message, "person_id"):
        return [(message.room_id, message.person_id)]
    return []


async def _rooms_of_erased(session: AsyncSession, messages: Sequence[Message]) -> set[UUID]:
    persons = [message.person_id for message in messages if isinstance(message, PersonErased)]
    if not persons:
        return set()
    live = one_of(MembershipRow.person_id, persons), IS_LIVE
    return set(await session.scalars(select(MembershipRow.room_id).where(*live)))


_LOCKED_ROOMS = select(RoomRow).where(among(RoomRow.room_id, "room_ids")).order_by(RoomRow.room_id).with_for_update()


async def _lock_rooms(session: AsyncSession, room_ids: set[UUID]) -> dict[UUID, RoomState]:
    rows = await session.scalars(_LOCKED_ROOMS, {"room_ids": list(room_ids)})
    return {row.room_id: state_of(row) for row in rows}


async def latest_of(session: AsyncSession, pairs: Collection[About]) -> list[MembershipState]:
    """Return the latest membership of each room and person; arrays keep the statement the same for any number."""
    rows = await session.scalars(_latest(), lists_of(_PAIR, pairs))
    return [member_of(row) for row in rows]


@lru_cache(maxsize=1)
def _latest() -> Select[Any]:
    """Return the query of the latest memberships of rooms and people, whose lists are its parameters."""
    asked = (
        func.unnest(*(bindparam(name, type_=ARRAY(Uuid)) for name in _PAIR))
        .table_valued(column("room_id", Uuid), column("person_id", Uuid))
        .render_derived("asked")
    )
    newest_first = (
        select(MembershipRow)
        .where(MembershipRow.room_id == asked.c.room_id, MembershipRow.person_id == asked.c.person_id)
        .order_by(MembershipRow.number.desc())
        .limit(1)
        .lateral()
    )
    return select(aliased(MembershipRow, newest_first)).select_from(asked).join(newest_first, true())


async def _overdue(session: AsyncSession, room_ids: Sequence[UUID], now: datetime) -> list[MembershipState]:
    """Return the expired offers, of each room those that expired first."""
    asked = func.unnest(cast(room_ids, ARRAY(Uuid))).table_valued(column("room_id", Uuid)).render_derived("asked")
    first_ended = (
        select(MembershipRow)
        .where(MembershipRow.room_id == asked.c.room_id, HAS_OFFER, MembershipRow.offer_expires_at <= now)
        .order_by(MembershipRow.offer_expires_at, MembershipRow.number)
        .limit(MOST_OVER_AT_ONCE)
        .lateral()
    )
    overdue = aliased(MembershipRow, first_ended)
    rows = await session.scalars(select(overdue).select_from(asked).join(first_ended, true()))
    return [member_of(row) for row in rows]


def _over_by_room(members: Iterable[MembershipState], now: datetime) -> Mapping[UUID, Sequence[UUID]]:
    """Return the people whose offers have expired, by room, in the order of expiry."""
    over = [(ends, each.number, each.snapshot) for each in members if (ends := each.snapshot.offer_expires_at)]
    by_room: dict[UUID, list[UUID]] = defaultdict(list)
    for ends, _, snapshot in sorted(over, key=lambda each: each[:2]):
        if ends <= now:
            by_room[snapshot.room_id].append(snapshot.person_id)
    return by_room
