"""The end of a person's links: those with another version than the newest have ended."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.notifications import EndedLinks, LinkVersion
from practio_notifications.tables import ContactRow


async def end_links_of(session: AsyncSession, person_id: UUID, only: EndedLinks | None = None) -> LinkVersion | None:
    """End all links of a person, or ``only`` some, and return the next versions; None for a person who is not known."""
    ended = ContactRow.calendar_version if only is EndedLinks.CALENDAR else ContactRow.link_version
    following = (
        update(ContactRow)
        .where(ContactRow.person_id == person_id)
        .values({ended: ended + 1})
        .returning(ContactRow.link_version, ContactRow.calendar_version)
        .execution_options(synchronize_session=False)
    )
    row = (await session.execute(following)).one_or_none()
    return row and LinkVersion(person_id=person_id, version=row[0], calendar_version=row[1])
