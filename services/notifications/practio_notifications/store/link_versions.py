"""The end of a person's links: those with another version than the newest have ended."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from practio_notifications.tables import ContactRow


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
