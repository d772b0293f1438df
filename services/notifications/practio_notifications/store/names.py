"""Names of people, and the members of a room."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_notifications.tables import ContactRow, MembershipRow


async def members_among(session: AsyncSession, room_id: UUID, people: Collection[UUID]) -> set[UUID]:
    """Return those of ``people`` who have a membership in a room, in whichever state."""
    theirs = (MembershipRow.room_id == room_id, one_of(MembershipRow.person_id, people))
    return set(await session.scalars(select(MembershipRow.person_id).where(*theirs)))


async def names_of(session: AsyncSession, people: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of those of ``people`` who are known, not erased, and not merely introduced by somebody else.

    An introduction may have had no name.
    """
    columns = (ContactRow.person_id, ContactRow.display_name)
    shown = (one_of(ContactRow.person_id, people), ~ContactRow.introduced)
    found = await session.execute(select(*columns).where(*shown))
    return {person_id: name for person_id, name in found if name}
