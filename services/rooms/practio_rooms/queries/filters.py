"""The filters of a search, each with an index behind it."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, true

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
        RoomRow.domain: search.domain and search.domain.casefold(),
        RoomRow.policy: search.policy,
        RoomRow.sponsor_kind: search.sponsor and search.sponsor.kind,
        RoomRow.sponsor_name: search.sponsor and search.sponsor.name and search.sponsor.name.casefold(),
    }
    yield from (column == value for column, value in wanted.items() if value)
    if search.with_free_seats:
        yield RoomRow.has_free_seats == true()
    if search.text:
        yield from text_conditions(RoomRow.words, RoomRow.dictionary, queries)
