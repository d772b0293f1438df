"""The registered sponsors, by name: for hosts who name theirs. What a sponsor is called stands in its rooms, too."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Text, Uuid, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.paging import fitting, read_cursor, write_cursor
from practio_chassis.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import ListSponsors, RegisteredSponsor, SponsorKind, SponsorsFound
from practio_rooms.tables import SponsorRow

_PLACES = TypeAdapter(tuple[Literal["sponsors"], str, UUID])
_BY_NAME = (SponsorRow.name, SponsorRow.sponsor_id)


async def list_sponsors(
    query: ReceivedMessage[ListSponsors], session: AsyncSession, _now: datetime
) -> SponsorsFound | Refusal:
    """Return a page of sponsors in the order of their names, without their delegates."""
    asked = query.message
    place = read_cursor(asked.after, _PLACES)
    if isinstance(place, Refusal):
        return place
    statement = select(SponsorRow).order_by(*_BY_NAME).limit(asked.limit + 1)
    if place:
        statement = statement.where(tuple_(*_BY_NAME) > tuple_(literal(place[1], Text), literal(place[2], Uuid)))
    rows = (await session.scalars(statement)).all()
    shown = list(fitting(_shown(row) for row in rows[: asked.limit]))
    last = rows[len(shown) - 1] if len(shown) < len(rows) else None
    return SponsorsFound(sponsors=shown, after=last and write_cursor("sponsors", last.name, last.sponsor_id))


def _shown(row: SponsorRow) -> RegisteredSponsor:
    return RegisteredSponsor(sponsor_id=row.sponsor_id, name=row.name, kind=SponsorKind(row.kind))
