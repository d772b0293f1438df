"""What is known about a person whom no message of the batch names."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.handling.erasing import erased_among
from practio_notifications.tables import CHASSIS_TABLES


async def is_erased(session: AsyncSession, person_id: UUID | None) -> bool:
    """Return whether a person is erased; false for nobody."""
    return person_id is not None and bool(await erased_among(session, CHASSIS_TABLES, [person_id]))
