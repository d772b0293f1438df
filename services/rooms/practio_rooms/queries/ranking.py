"""Rooms that match a text, best match first.

Ranking everything that a common word finds would read the whole table for each page. So matches are ranked a thousand
at a time, the newest thousand first: a rare word is ranked as a whole, and the matches of a common one come roughly
newest first. A place names its thousand, so that pages neither skip nor repeat.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from pydantic import Field, TypeAdapter
from sqlalchemy import (
    REAL,
    ColumnElement,
    CompoundSelect,
    DateTime,
    Row,
    Select,
    Uuid,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)

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


class BlockPosition(NamedTuple):
    """A place in the block of matches from ``top`` down to, and without, ``below``; it follows the match ``last``.

    ``below`` None: down to the oldest. ``last`` None: before the best of the block.
    """

    order: Literal["best"]
    top: Key
    below: Key | None
    last: Match | None


PLACES: TypeAdapter[BlockPosition] = TypeAdapter(BlockPosition)


class BlockMatches(NamedTuple):
    """The best matches of a block, its newest match, and the match below it, if there is one."""

    matches: list[Match]
    top: Key | None
    below: Key | None


class _Part(IntEnum):
    """What a row of the statement stands for."""

    MATCH = 0
    TOP = 1
    BELOW = 2


def best_of(
    place: BlockPosition | None, query: ColumnElement[Any], filters: Iterable[ColumnElement[bool]], *, most: int
) -> CompoundSelect[Any]:
    """Return the statement for the ``most`` best matches after ``place``, in its block or in the next.

    PostgreSQL orders the block, since to send a thousand matches takes as long as to find them. A block that was read
    before may have grown since, by reopened rooms.
    """
    block = _block(place, query, filters).cte("block").prefix_with("MATERIALIZED")
    order = (block.c.published_at.desc(), block.c.room_id.desc())
    number = func.row_number().over(order_by=order).label("number")
    numbered = select(block.c.rank, block.c.published_at, block.c.room_id, number).cte("numbered")
    columns = (numbered.c.rank, numbered.c.published_at, numbered.c.room_id)
    matches = select(*columns, literal_column(str(_Part.MATCH.value)).label("part"))
    if place and place.last:
        last = (literal(place.last.rank, REAL), *_values(place.last.key))
        matches = matches.where(tuple_(*columns) < tuple_(*last))
    else:
        matches = matches.where(numbered.c.number <= BLOCK)
    best = matches.order_by(*(column.desc() for column in columns)).limit(most).subquery()
    edges = (
        select(*columns, literal_column(str(part.value))).where(numbered.c.number == place_of_it)
        for part, place_of_it in ((_Part.TOP, 1), (_Part.BELOW, BLOCK + 1))
    )
    return union_all(select(best), *edges)


def _block(
    place: BlockPosition | None, query: ColumnElement[Any], filters: Iterable[ColumnElement[bool]]
) -> Select[Any]:
    """Return the statement for the block of ``place``, newest first; for a new block, with one more match."""
    rank = func.ts_rank(RoomRow.text_words, query).label("rank")
    key = tuple_(RoomRow.published_at, RoomRow.room_id)
    found = (
        select(RoomRow.published_at, RoomRow.room_id, rank)
        .where(*filters)
        .order_by(RoomRow.published_at.desc(), RoomRow.room_id.desc())
        .limit(2 * BLOCK if place and place.last else BLOCK + 1)
    )
    if place:
        found = found.where(key <= tuple_(*_values(place.top)))
    if place and place.below:
        found = found.where(key > tuple_(*_values(place.below)))
    return found


def _values(key: Key) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return literal(key.published_at, DateTime(timezone=True)), literal(key.room_id, Uuid)


def found_in(place: BlockPosition | None, rows: Sequence[Row[Any]]) -> BlockMatches:
    """Return what the rows of ``best_of`` stand for, best match first."""
    keys = {part: [Key(row.published_at, row.room_id) for row in rows if row.part == part] for part in _Part}
    matches = [Match(row.rank, Key(row.published_at, row.room_id)) for row in rows if row.part == _Part.MATCH]
    if place and place.last:
        return BlockMatches(sorted(matches, reverse=True), place.top, place.below)
    top = place.top if place else next(iter(keys[_Part.TOP]), None)
    return BlockMatches(sorted(matches, reverse=True), top, next(iter(keys[_Part.BELOW]), place and place.below))


def place_after(count: int, found: BlockMatches) -> BlockPosition | None:
    """Return the place after the first ``count`` matches, None if no match can follow."""
    if count < len(found.matches):
        assert found.top is not None  # a block with matches has a newest one
        return BlockPosition("best", found.top, found.below, found.matches[count - 1])
    return found.below and BlockPosition("best", found.below, None, None)
