"""Who is erased: the people of the chassis' table, and no others.

A contact without an address is none of these by itself: after a restoration, the person is only not known yet.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.handling.erasing import erased_among
from practio_notifications.tables import CHASSIS_TABLES


async def erased_people(session: AsyncSession, people: Collection[UUID]) -> Collection[UUID]:
    """Return those of ``people`` who were erased before this batch."""
    return await erased_among(session, CHASSIS_TABLES, people)
