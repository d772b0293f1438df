"""Queries about the people who have a seat in a room."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.membership import Status
from practio_membership.domain.room import Place
from practio_membership.store.waitlist import takes_one_of
from practio_membership.tables import MembershipRow, has_status


async def movable(
    session: AsyncSession, room_id: UUID, roles: Sequence[str], places: Sequence[Place]
) -> Mapping[str, int]:
    """Return how many people have each of ``roles`` and would take one of ``places`` as well, by role."""
    has_role = MembershipRow.room_id == room_id, has_status(Status.JOINED), one_of(MembershipRow.role, roles)
    query = select(MembershipRow.role, func.count()).where(*has_role, takes_one_of(places)).group_by(MembershipRow.role)
    return {role: count for role, count in await session.execute(query) if role is not None}
