"""Locks and loads what a batch concerns: rooms first, in the order of their ids, then one query for each table."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, cast, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.sql import among, lists_of, one_of
from practio_contracts.membership import AssignBuddy, DecideRequests, ExchangeRoles, InviteFrom, RequestToJoin
from practio_contracts.message import Message
from practio_contracts.people import PersonErased
from practio_membership.domain.membership_state import MembershipState
from practio_membership.domain.room import RoomState
from practio_membership.store import waitlist
from practio_membership.store.loaded import About, Loaded, room_of
from practio_membership.store.rows import member_of, state_of
from practio_membership.tables import HAS_OFFER, IS_LIVE, MembershipRow, RoomRow

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
