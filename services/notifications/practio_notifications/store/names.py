"""Names of people, and the members of a room."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of, one_of_rows
from practio_notifications.store.seats import SEATED
from practio_notifications.tables import ContactRow, MembershipRow


async def members_among(session: AsyncSession, room_id: UUID, people: Collection[UUID]) -> dict[UUID, bool]:
    """Return those of ``people`` who have a membership in a room, in whichever state, and whether they have a seat.

    Each is looked up by the whole key: with the room alone, PostgreSQL reads everybody in it. Who has left and come
    again has several memberships.
    """
    keys = one_of_rows((MembershipRow.room_id, MembershipRow.person_id), [(room_id, each) for each in people])
    has_seat = func.bool_or(SEATED).label("has_seat")
    found = await session.execute(
        select(MembershipRow.person_id, has_seat).where(keys).group_by(MembershipRow.person_id)
    )
    return {row.person_id: row.has_seat for row in found}


async def names_of(session: AsyncSession, people: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of those of ``people`` who are known, not erased, and not merely introduced by somebody else.

    An introduction may have had no name.
    """
    columns = (ContactRow.person_id, ContactRow.display_name)
    shown = (one_of(ContactRow.person_id, people), ~ContactRow.introduced)
    found = await session.execute(select(*columns).where(*shown))
    return {person_id: name for person_id, name in found if name}
