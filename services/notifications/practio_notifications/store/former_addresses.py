"""Addresses that people had before: what is known about an address is found by them when its person is erased."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_notifications.tables import FormerAddressRow


async def keep_former_address(session: AsyncSession, person_id: UUID, email: str) -> None:
    """Keep an address, by its key, that a person no longer has."""
    row = {"person_id": person_id, "email": email}
    await session.execute(insert(FormerAddressRow).values(row).on_conflict_do_nothing())
