"""The rooms that a person runs or is in, as they list them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.rooms.catalogue import Catalogue, a_membership, ended, joined, occupancy, withdrawn
from tests.integration.rooms.past_sessions import a_session as a_past_session
from tests.integration.rooms.planning import PRIVATE, a_published_room, a_session, change, local, sessions, shown
from tests.support.clients.commands import a_room
from tests.support.stack.example_service import received

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.people import PersonErased
from practio_contracts.rooms import (
    AcceptHandOver,
    Appoint,
    ArchiveRoom,
    CloseRoom,
    CreateRoom,
    DeclineHandOver,
    HandOver,
    ListOwnRooms,
    Office,
    OwnRooms,
)


async def own_rooms(catalogue: Catalogue, person: UUID, by: UUID | str | None = None, **asked: Any) -> OwnRooms:
    """Return a page of a person's rooms, which they list themselves unless ``by`` is given."""
    query = ListOwnRooms.model_validate({"person_id": person, **asked})
    found = await catalogue.ask(query, by or person, datetime.now(UTC))
    assert isinstance(found, OwnRooms), found
    return found


def offices(found: OwnRooms) -> dict[UUID, str]:
    return {each.room.room_id: each.office for each in found.rooms}


async def asked_to_host(catalogue: Catalogue, person: UUID, by: UUID | str | None = None, **asked: Any) -> list[str]:
    """Return the titles of the rooms that a person is asked to host."""
    return [each.title for each in (await own_rooms(catalogue, person, by, **asked)).hand_overs]


async def rooms_of_each_office(catalogue: Catalogue, person: UUID) -> dict[str, UUID]:
    """Return published rooms by the office that the person has in each."""
    host = uuid4()
    rooms = {
        "host": await a_published_room(catalogue, person),
        "facilitator": await a_published_room(catalogue, host),
        "steward": await a_published_room(catalogue, host),
        "participant": await a_published_room(catalogue, host),
    }
    for office in Office:
        await catalogue.send(Appoint(room_id=rooms[office], person_id=person, office=office), host)
    await catalogue.handle(joined(a_membership(rooms["participant"], person)))
    await catalogue.handle(joined(a_membership(rooms["facilitator"], person)))
    return rooms


async def test_a_person_lists_the_rooms_that_they_run_or_are_in_each_once(catalogue: Catalogue) -> None:
    person = uuid4()
    rooms = await rooms_of_each_office(catalogue, person)
    await a_published_room(catalogue, uuid4())
    found = await own_rooms(catalogue, person)
    assert offices(found) == {room_id: office for office, room_id in rooms.items()}
    assert len(found.rooms) == 4
    assert all(each.room.model_dump(mode="json").keys() >= PRIVATE for each in found.rooms)
    for office, room_id in rooms.items():
        assert offices(await own_rooms(catalogue, person, office=office)) == {room_id: office}


async def test_others_list_nobody_s_rooms_but_the_system_does(catalogue: Catalogue) -> None:
    person = uuid4()
    room_id = await a_published_room(catalogue, person)
    assert list(offices(await own_rooms(catalogue, person, SYSTEM))) == [room_id]
    refused = await catalogue.ask(ListOwnRooms(person_id=person), uuid4())
    assert isinstance(refused, Refusal)
    assert refused.code == "not-allowed"


async def test_a_hand_over_is_listed_for_the_person_and_the_system_until_it_is_answered(catalogue: Catalogue) -> None:
    host, steward, person = uuid4(), uuid4(), uuid4()
    titles = ("Accepted", "Declined", "Given to another", "Taken back", "Ended", "Closed")
    stated = (a_room(title=each, steward_ids=[str(steward)]) for each in titles)
    rooms = dict(zip(titles, await catalogue.publish(*stated, host=host), strict=True))
    for room_id in rooms.values():
        await catalogue.send(HandOver(room_id=room_id, person_id=person), host)
    assert await asked_to_host(catalogue, person) == await asked_to_host(catalogue, person, SYSTEM) == sorted(titles)
    found = (await own_rooms(catalogue, person)).hand_overs
    assert {each.title: each.room_id for each in found} == rooms
    for other in (host, steward, uuid4()):
        assert await asked_to_host(catalogue, other) == []
    await catalogue.send(AcceptHandOver(room_id=rooms["Accepted"], person_id=person), person)
    await catalogue.send(DeclineHandOver(room_id=rooms["Declined"], person_id=person), person)
    await catalogue.send(HandOver(room_id=rooms["Given to another"], person_id=steward), host)
    await catalogue.send(DeclineHandOver(room_id=rooms["Taken back"], person_id=person), host)
    await catalogue.send(ArchiveRoom(room_id=rooms["Ended"]), host)
    await catalogue.send(CloseRoom(room_id=rooms["Closed"]), host)
    assert await asked_to_host(catalogue, person) == ["Closed"]
    assert await asked_to_host(catalogue, steward) == ["Given to another"]


async def test_hand_overs_are_listed_on_the_first_page_and_at_most_a_hundred(catalogue: Catalogue) -> None:
    person = uuid4()
    for _ in range(2):
        await a_published_room(catalogue, person)
    rooms = await catalogue.publish(*(a_room(title=f"Room {number:03}") for number in range(101)), host=uuid4())
    await change(
        catalogue, "UPDATE room SET proposed_host_id = :person WHERE room_id = ANY (:ids)", person=person, ids=rooms
    )
    first = await own_rooms(catalogue, person, limit=1)
    assert [each.title for each in first.hand_overs] == [f"Room {number:03}" for number in range(100)]
    assert await asked_to_host(catalogue, person, limit=1, after=first.after) == []


async def test_nothing_is_listed_for_an_erased_person(catalogue: Catalogue) -> None:
    host, person = uuid4(), uuid4()
    offered, own = await a_published_room(catalogue, host), await a_published_room(catalogue, person)
    await catalogue.send(HandOver(room_id=offered, person_id=person), host)
    await catalogue.send(HandOver(room_id=own, person_id=host), person)
    assert len(await asked_to_host(catalogue, person)) == len(await asked_to_host(catalogue, host)) == 1
    await catalogue.handle(received(PersonErased(person_id=person), subject=str(person), sequence="9", actor=None))
    assert await asked_to_host(catalogue, person, SYSTEM) == await asked_to_host(catalogue, host) == []


async def test_a_draft_is_listed_for_its_host_alone(catalogue: Catalogue) -> None:
    host, steward = uuid4(), uuid4()
    draft = CreateRoom.model_validate(a_room(steward_ids=[str(steward)]))
    await catalogue.send(draft, host)
    assert offices(await own_rooms(catalogue, host)) == {draft.room_id: "host"}
    assert offices(await own_rooms(catalogue, steward)) == {}
    assert offices(await own_rooms(catalogue, steward, SYSTEM)) == {}


async def test_rooms_are_listed_by_status_and_after_their_end_without_place_and_link(catalogue: Catalogue) -> None:
    host, member, gone = uuid4(), uuid4(), uuid4()
    open_room, over = await a_published_room(catalogue, host), await a_published_room(catalogue, host)
    there = a_membership(over, member)
    left = a_membership(over, gone)
    await catalogue.handle(joined(there), joined(left), joined(a_membership(open_room, member)))
    await catalogue.handle(withdrawn(left))
    await catalogue.send(ArchiveRoom(room_id=over), host)
    await catalogue.handle(ended(there))
    assert offices(await own_rooms(catalogue, member, status=["published"])) == {open_room: "participant"}
    [archived] = (await own_rooms(catalogue, member, status=["archived", "cancelled"])).rooms
    assert (archived.room.room_id, PRIVATE & archived.room.model_dump().keys()) == (over, set())
    assert offices(await own_rooms(catalogue, gone)) == {}
    [hosted] = (await own_rooms(catalogue, host, status=["archived"])).rooms
    assert hosted.room.model_dump().keys() >= PRIVATE


async def test_a_room_is_listed_with_its_sessions_and_how_full_it_is(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    session = a_session(room_id, starts_at=local(3))
    await catalogue.send(session, host)
    held = await a_past_session(catalogue, room_id, hours=-50)
    cancelled = await a_past_session(catalogue, room_id, hours=-20)
    await change(catalogue, "UPDATE session SET status = 'cancelled' WHERE session_id = :id", id=cancelled)
    await catalogue.handle(occupancy(room_id, taken=1, held=1, waiting=4, pending=2))
    [found] = (await own_rooms(catalogue, host)).rooms
    assert (found.seats_free, found.waiting, found.pending) == (1, 4, 2)
    assert found.next_session_at == found.room.next_session_at == session.starts_at.replace(tzinfo=UTC)
    [begun] = [row.starts_at for row in await sessions(catalogue, room_id) if row.session_id == held]
    assert found.last_session_at == begun
    assert (await shown(catalogue, room_id, host))["last_session_at"] == begun.isoformat().replace("+00:00", "Z")
    assert (await shown(catalogue, room_id, uuid4()))["last_session_at"] is None


async def test_pages_go_on_where_the_last_one_ended_soonest_first(catalogue: Catalogue) -> None:
    host = uuid4()
    rooms = [await a_published_room(catalogue, host) for _ in range(5)]
    for day, room_id in ((9, rooms[0]), (3, rooms[1]), (6, rooms[2])):
        await catalogue.send(a_session(room_id, starts_at=local(day)), host)
    seen: list[UUID] = []
    after = None
    while True:
        page = await own_rooms(catalogue, host, limit=2, after=after)
        seen += [each.room.room_id for each in page.rooms]
        if (after := page.after) is None:
            break
    assert seen == [rooms[1], rooms[2], rooms[0], *sorted(rooms[3:], reverse=True)]


@pytest.mark.parametrize("after", ["nonsense", "WyJhIl0="])
async def test_a_cursor_of_something_else_is_refused(catalogue: Catalogue, after: str) -> None:
    person = uuid4()
    refused = await catalogue.ask(ListOwnRooms(person_id=person, after=after), person)
    assert isinstance(refused, Refusal)
    assert refused.code == "invalid"
