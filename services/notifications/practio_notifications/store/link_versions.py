"""The version of a person's links: those with another one have ended."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from practio_notifications.tables import ContactRow


async def link_version_of(session: AsyncSession, person_id: UUID) -> int:
    """Return the version of a person's links; 0 for a person who is not known, and so has none."""
    found = await session.scalar(select(ContactRow.link_version).where(ContactRow.person_id == person_id))
    return found or 0


async def end_links_of(session: AsyncSession, person_id: UUID) -> int | None:
    """End all links of a person, and return the next version; None for a person who is not known."""
    following = (
        update(ContactRow)
        .where(ContactRow.person_id == person_id)
        .values(link_version=ContactRow.link_version + 1)
        .returning(ContactRow.link_version)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(following)).scalar_one_or_none()
