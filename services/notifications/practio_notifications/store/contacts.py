"""Contacts: how to reach people, whom a directory, they themselves or somebody else introduced."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.mail_addresses import normal_address
from practio_contracts.rooms import Room
from practio_notifications.tables import ContactRow

_LANGUAGE, _ZONE = "en", "UTC"
"""Of a person about whom neither the introduction nor a room states more."""


async def contact_of(session: AsyncSession, person_id: UUID) -> ContactRow | None:
    """Return a person's contact; None if nothing is known of them."""
    return await session.get(ContactRow, person_id)


def add_contact(
    session: AsyncSession,
    person_id: UUID,
    email: str,
    room: Room | None,
    *,
    name: str | None = None,
    locale: str | None = None,
    time_zone: str | None = None,
) -> ContactRow:
    """Add a person who is known by an address alone; language and zone are those of the room, unless stated."""
    row = ContactRow(
        person_id=person_id,
        display_name=name or "",
        email=normal_address(email),
        locale=locale or (room.language if room else _LANGUAGE),
        time_zone=time_zone or (room and room.time_zone) or _ZONE,
        introduced=True,
        registered=False,
    )
    session.add(row)
    return row
