"""Rooms that match a text, best match first.

Ranking everything that a common word finds would read the whole table for each page. So matches are ranked a thousand
at a time, the newest thousand first: a rare word is ranked as a whole, and the matches of a common one come roughly
newest first. A place names its thousand, so that pages neither skip nor repeat.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from pydantic import Field, TypeAdapter
from sqlalchemy import ColumnElement, DateTime, Row, Select, Uuid, func, literal, select, tuple_

from practio_contracts.fields import Instant
from practio_rooms.tables import RoomRow

BLOCK = 1_000
"""The number of matches that are ranked together."""

Rank = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Key(NamedTuple):
    """A room's place in the order newest first; it never changes."""

    published_at: Instant
    room_id: UUID


class Match(NamedTuple):
    """A room and its rank."""

    rank: Rank
    key: Key


class Place(NamedTuple):
    """A place in the block of matches from ``top`` down to, and without, ``below``; it follows the match ``last``.

    ``below`` None: down to the oldest. ``last`` None: before the best of the block.
    """

    order: Literal["best"]
    top: Key
    below: Key | None
    last: Match | None


PLACES: TypeAdapter[Place] = TypeAdapter(Place)


def block_of(place: Place | None, query: ColumnElement[Any], filters: Iterable[ColumnElement[bool]]) -> Select[Any]:
    """Return the statement for the block of ``place``, newest first; for a new block, with one more match.

    A block that was read before may have grown since, by reopened rooms.
    """
    rank = func.ts_rank(RoomRow.text_words, query).label("rank")
    key = tuple_(RoomRow.published_at, RoomRow.room_id)
    found = (
        select(RoomRow.published_at, RoomRow.room_id, rank)
        .where(*filters)
        .order_by(RoomRow.published_at.desc(), RoomRow.room_id.desc())
        .limit(2 * BLOCK if place and place.last else BLOCK + 1)
    )
    if place:
        found = found.where(key <= _literal(place.top))
    if place and place.below:
        found = found.where(key > _literal(place.below))
    return found


def _literal(key: Key) -> ColumnElement[Any]:
    return tuple_(literal(key.published_at, DateTime(timezone=True)), literal(key.room_id, Uuid))


def ranked(place: Place | None, rows: Sequence[Row[Any]]) -> tuple[list[Match], Key | None]:
    """Return the matches of ``block_of`` that follow ``place``, best first, and the match below the block, if any."""
    matches = [Match(row.rank, Key(row.published_at, row.room_id)) for row in rows]
    if place and place.last:
        last = place.last
        return sorted((match for match in matches if match < last), reverse=True), place.below
    below = matches[BLOCK].key if len(matches) > BLOCK else place and place.below
    return sorted(matches[:BLOCK], reverse=True), below


def place_after(count: int, place: Place | None, matches: Sequence[Match], below: Key | None) -> Place | None:
    """Return the place after the first ``count`` of ``ranked`` matches, None if no match can follow."""
    if count < len(matches):
        top = place.top if place else max(match.key for match in matches)
        return Place("best", top, below, matches[count - 1])
    return below and Place("best", below, None, None)
