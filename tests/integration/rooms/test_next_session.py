"""What a room tells its offices of its next session."""

from datetime import UTC, datetime
from uuid import UUID

from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.living import TRIAD, Living

from practio_contracts.rooms import GetRoom, NextSession, RoomResult


async def next_session(room: Living, by: UUID) -> NextSession | None:
    found = await room.catalogue.ask(GetRoom(room_id=room.room_id), by, datetime.now(UTC))
    assert isinstance(found, RoomResult), found
    return found.next_session


async def test_offices_see_who_comes_next_and_what_is_missing(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 3, **TRIAD)
    session = await room.session()
    found = await next_session(room, room.host)
    assert found is not None
    assert (found.session_id, found.coming.unanswered) == (session, 3)
    assert (found.missing_roles, found.people_needed, found.case_missing) == ([], 0, False)
    await room.answer(session, room.people[0], "no")
    found = await next_session(room, room.host)
    assert found is not None
    assert (found.coming.no, found.coming.unanswered, found.people_needed) == (1, 2, 1)
    assert len(found.missing_roles) == 1


async def test_people_in_the_room_and_others_see_none(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 3, **TRIAD)
    await room.session()
    assert await next_session(room, room.people[0]) is None


async def test_a_session_that_has_begun_is_not_the_next_one(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 3, **TRIAD)
    session = await room.session()
    await room.begins_in(session, minutes=-5)
    assert await next_session(room, room.host) is None
