"""The filters of a search, each with an index behind it."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, true

from practio_contracts.rooms import SearchRooms
from practio_rooms.queries.search_words import TextQuery, text_conditions
from practio_rooms.tables import IS_PUBLISHED, RoomRow


def filters_of(asked: SearchRooms, queries: Sequence[TextQuery]) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that matching rooms meet; ``queries`` are those of the text in the search."""
    yield IS_PUBLISHED
    wanted = {
        RoomRow.format: asked.format,
        RoomRow.mode: asked.mode,
        RoomRow.language: asked.language and asked.language.casefold(),
        RoomRow.domain: asked.domain and asked.domain.casefold(),
        RoomRow.policy: asked.policy,
        RoomRow.sponsor_kind: asked.sponsor and asked.sponsor.kind,
        RoomRow.sponsor_name: asked.sponsor and asked.sponsor.name and asked.sponsor.name.casefold(),
    }
    yield from (column == value for column, value in wanted.items() if value)
    if asked.with_free_seats:
        yield RoomRow.has_free_seats == true()
    if asked.text:
        yield from text_conditions(RoomRow.words, RoomRow.dictionary, queries)
