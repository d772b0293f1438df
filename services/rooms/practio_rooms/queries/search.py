"""A page of the published rooms that a search finds."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.sql import one_of
from practio_chassis.handling.paging import read_cursor, write_cursor
from practio_contracts.answers import Refusal
from practio_contracts.rooms import RoomFound, RoomsFound, SearchOrder, SearchRooms
from practio_rooms.domain.languages import DICTIONARIES, dictionary_of
from practio_rooms.domain.viability import is_viable, missing_roles
from practio_rooms.queries.filters import filters_of
from practio_rooms.queries.orders import NEWEST, SOONEST
from practio_rooms.queries.planning import PLANNED_AS_ASKED
from practio_rooms.queries.ranking import PLACES, best_of, found_in, place_after
from practio_rooms.queries.reading import shown_of
from practio_rooms.queries.search_words import TextQuery, any_of, text_queries
from practio_rooms.tables import RoomRow

_SHOWN = (RoomRow.snapshot, RoomRow.seats_free, RoomRow.waiting, RoomRow.roles_taken)
"""The columns of a room in search results."""


async def search_rooms(
    query: ReceivedMessage[SearchRooms], session: AsyncSession, now: datetime
) -> RoomsFound | Refusal:
    """Return a page of matching published rooms; following pages neither skip nor repeat rooms that did not change.

    Without an order in the query: the best match first for a text, else the newest.
    """
    search = query.message
    await session.execute(PLANNED_AS_ASKED)
    queries = await _text_queries(search, session)
    if queries and search.order is None:
        return await _best_first(search, queries, session)
    return await _in_order(search, queries, session)


async def _text_queries(search: SearchRooms, session: AsyncSession) -> list[TextQuery]:
    if not search.text:
        return []
    dictionaries = [dictionary_of(search.language)] if search.language else DICTIONARIES
    return await text_queries(session, search.text, dictionaries)


async def _in_order(search: SearchRooms, queries: list[TextQuery], session: AsyncSession) -> RoomsFound | Refusal:
    order = SOONEST if search.order is SearchOrder.SOONEST else NEWEST
    place = read_cursor(search.after, order.places)
    if isinstance(place, Refusal):
        return place
    matching = select(*_SHOWN, *order.shown).where(*filters_of(search, queries))
    statement = order.ordered(order.after(matching, place)).limit(search.limit + 1)
    rooms, after = order.page((await session.execute(statement)).all(), _found, limit=search.limit)
    return RoomsFound(rooms=rooms, after=after)


async def _best_first(search: SearchRooms, queries: list[TextQuery], session: AsyncSession) -> RoomsFound | Refusal:
    place = read_cursor(search.after, PLACES)
    if isinstance(place, Refusal):
        return place
    best = best_of(place, any_of(queries), filters_of(search, queries), most=search.limit + 1)
    found = found_in(place, (await session.execute(best)).all())
    wanted = [match.key.room_id for match in found.matches[: search.limit]]
    rows = await session.execute(select(*_SHOWN, RoomRow.room_id).where(one_of(RoomRow.room_id, wanted)))
    ranked = sorted(rows, key=lambda row: wanted.index(row.room_id))
    rooms, count = shown_of({row.room_id: row for row in ranked}, _found, table="room")
    after = place_after(count, found)
    return RoomsFound(rooms=rooms, after=after and write_cursor(*after))


def _found(row: Row[Any]) -> RoomFound:
    found = RoomFound.model_validate(row.snapshot | {"seats_free": row.seats_free, "waiting": row.waiting})
    missing = missing_roles(found, row.roles_taken)
    return found.model_copy(update={"viable": is_viable(found, row.roles_taken), "missing_roles": missing})
