"""The registered sponsors, by name: for hosts who name theirs. What a sponsor is called stands in its rooms, too."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import read_cursor
from practio_contracts.answers import Refusal
from practio_contracts.rooms import ListSponsors, RegisteredSponsor, SponsorKind, SponsorsFound
from practio_rooms.queries.ordering import Order
from practio_rooms.tables import SponsorRow

_BY_NAME = Order(
    "sponsors",
    {"name": SponsorRow.name, "sponsor_id": SponsorRow.sponsor_id},
    TypeAdapter(tuple[Literal["sponsors"], str, UUID]),
    is_descending=False,
)


async def list_sponsors(
    query: ReceivedMessage[ListSponsors], session: AsyncSession, _now: datetime
) -> SponsorsFound | Refusal:
    """Return a page of sponsors in the order of their names, without their delegates."""
    asked = query.message
    place = read_cursor(asked.after, _BY_NAME.places)
    if isinstance(place, Refusal):
        return place
    statement = _BY_NAME.ordered(_BY_NAME.after(select(SponsorRow), place)).limit(asked.limit + 1)
    sponsors, after = _BY_NAME.page((await session.scalars(statement)).all(), _shown, limit=asked.limit)
    return SponsorsFound(sponsors=sponsors, after=after)


def _shown(row: SponsorRow) -> RegisteredSponsor:
    return RegisteredSponsor(sponsor_id=row.sponsor_id, name=row.name, kind=SponsorKind(row.kind))
