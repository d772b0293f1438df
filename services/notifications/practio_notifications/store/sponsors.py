"""Sponsors, from the events of rooms: their names, and who their delegates are."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.rooms import SponsorRegistered
from practio_notifications.letters.sponsors import KnownSponsor
from practio_notifications.store.projections import rows_of
from practio_notifications.tables import SponsorRow


async def keep_sponsor(session: AsyncSession, event: SponsorRegistered) -> None:
    """Keep a sponsor as it is registered now."""
    values = {"name": event.name, "delegate_ids": event.delegate_ids}
    put = insert(SponsorRow).values(sponsor_id=event.sponsor_id, **values)
    await session.execute(put.on_conflict_do_update(index_elements=["sponsor_id"], set_=values))


async def known_sponsors(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, KnownSponsor]:
    """Return the sponsors with these ids that are known."""
    found = await rows_of(session, SponsorRow.sponsor_id, set(ids))
    return {each: KnownSponsor(row.name, tuple(row.delegate_ids)) for each, row in found.items()}
