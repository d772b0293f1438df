"""Rooms and memberships by their ids, read without a lock: a version always has the same content."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.membership import Membership
from practio_membership.domain.room import RoomState
from practio_membership.store.rows import member_of, state_of
from practio_membership.tables import MembershipRow, RoomRow


async def rooms_of_ids(session: AsyncSession, room_ids: Collection[UUID]) -> list[RoomState]:
    """Return rooms in their present state; missing ones are left out."""
    rows = await session.scalars(select(RoomRow).where(one_of(RoomRow.room_id, room_ids)).order_by(RoomRow.room_id))
    return [state_of(row) for row in rows]


async def memberships_of_ids(session: AsyncSession, membership_ids: Collection[UUID]) -> list[Membership]:
    """Return the snapshots of memberships; missing ones are left out."""
    rows = await session.scalars(select(MembershipRow).where(one_of(MembershipRow.membership_id, list(membership_ids))))
    return [member_of(row).snapshot for row in rows]
