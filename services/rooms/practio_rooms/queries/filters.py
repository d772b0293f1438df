"""The filters of a search, each with an index behind it."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, func, literal, true

from practio_contracts.rooms import SearchRooms
from practio_rooms.queries.search_words import TextQuery, text_conditions
from practio_rooms.tables import IS_PUBLISHED, RoomRow


def filters_of(search: SearchRooms, queries: Sequence[TextQuery]) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that matching rooms meet; ``queries`` are those of the text in the search."""
    yield IS_PUBLISHED
    wanted = {
        RoomRow.format: search.format,
        RoomRow.mode: search.mode,
        RoomRow.language: search.language and search.language.casefold(),
        RoomRow.folded_domain: _folded(search.domain),
        RoomRow.policy: search.policy,
        RoomRow.sponsor_kind: search.sponsor and search.sponsor.kind,
        RoomRow.folded_sponsor_name: _folded(search.sponsor.name if search.sponsor else None),
    }
    yield from (column == value for column, value in wanted.items() if value is not None)
    if search.with_free_seats:
        yield RoomRow.has_free_seats == true()
    if search.text:
        yield from text_conditions(RoomRow.text_words, RoomRow.dictionary, queries)


def _folded(typed: str | None) -> ColumnElement[Any] | None:
    """Return a name without accents and capitals, as the database reads it."""
    return func.folded(literal(typed.casefold(), Text)) if typed else None
