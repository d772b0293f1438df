"""Finding published rooms: each filter, pages that neither skip nor repeat, an index behind every one."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.rooms.catalogue import Catalogue, occupancy
from tests.support.clients.commands import a_room

from practio_contracts.answers import Refusal
from practio_contracts.rooms import CloseRoom, CreateRoom, ReopenRoom, ReviseRoom


def a_domain() -> str:
    """Return a domain that no other test uses."""
    return f"Domain {uuid4()}"


async def found(catalogue: Catalogue, **asked: Any) -> list[UUID]:
    return [room.room_id for room in (await catalogue.search(**asked)).rooms]


async def walked(catalogue: Catalogue, **asked: Any) -> list[UUID]:
    """Read all pages to the end."""
    page = await catalogue.search(**asked)
    ids = [room.room_id for room in page.rooms]
    while page.after:
        page = await catalogue.search(**asked | {"after": page.after})
        ids += [room.room_id for room in page.rooms]
    return ids


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"format": "method-practice"}, {"format": "method-practice"}),
        ({"mode": "in-person", "place": "Via Po 1"}, {"mode": "in-person"}),
        ({"language": "pt-BR"}, {"language": "pt-br"}),
        ({"policy": "open"}, {"policy": "open"}),
        ({"sponsor": {"kind": "organisation"}}, {"sponsor": {"kind": "organisation"}}),
        ({"sponsor": {"kind": "participants", "name": "Straße"}}, {"sponsor": {"name": "STRASSE"}}),
        ({"title": "Practising Socratic questions"}, {"text": "socratic practising"}),
        ({"purpose": "We read Freinet"}, {"text": "freinet"}),
        ({"for_whom": "Midwives"}, {"text": "midwives -doulas"}),
    ],
)
async def test_each_filter_finds_only_matching_rooms(
    catalogue: Catalogue, fields: dict[str, Any], asked: dict[str, Any]
) -> None:
    domain = a_domain()
    fitting, _other = await catalogue.publish(a_room(domain=domain, **fields), a_room(domain=domain), host=uuid4())
    assert await found(catalogue, domain=domain.upper(), **asked) == [fitting]


async def test_drafts_and_closed_rooms_are_not_found(catalogue: Catalogue) -> None:
    host, domain = uuid4(), a_domain()
    [room_id] = await catalogue.publish(a_room(domain=domain), host=host)
    await catalogue.send(CreateRoom.model_validate(a_room(domain=domain)), host)
    assert await found(catalogue, domain=domain) == [room_id]
    await catalogue.send(CloseRoom(room_id=room_id), host)
    assert await found(catalogue, domain=domain) == []
    await catalogue.send(ReopenRoom(room_id=room_id), host)
    assert await found(catalogue, domain=domain) == [room_id]


async def test_seats_and_waiters_are_as_in_the_newest_event_of_membership(catalogue: Catalogue) -> None:
    domain = a_domain()
    full, free = await catalogue.publish(a_room(domain=domain), a_room(domain=domain), host=uuid4())
    await catalogue.handle(
        occupancy(full, taken=2, held=1, waiting=4, sequence=7),
        occupancy(full, taken=1, sequence=6),
        occupancy(uuid4(), taken=1),
    )
    page = await catalogue.search(domain=domain)
    assert {room.room_id: (room.seats_free, room.waiting) for room in page.rooms} == {full: (0, 4), free: (3, 0)}
    assert await found(catalogue, domain=domain, with_free_seats=True) == [free]


async def test_seats_that_no_role_has_are_not_free(catalogue: Catalogue) -> None:
    domain, roles = a_domain(), [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}]
    rooms = [a_room(domain=domain, capacity=3, roles=roles) for _ in range(2)]
    few, full = await catalogue.publish(*rooms, host=uuid4())
    await catalogue.handle(occupancy(full, taken=2, roles={"coach": 1, "coachee": 1}, seats=1))
    page = await catalogue.search(domain=domain)
    assert {room.room_id: room.seats_free for room in page.rooms} == {full: 0, few: 2}
    assert await found(catalogue, domain=domain, with_free_seats=True) == [few]


async def test_place_and_link_are_not_in_a_search(catalogue: Catalogue) -> None:
    domain = a_domain()
    await catalogue.publish(a_room(domain=domain), host=uuid4())
    [room] = (await catalogue.search(domain=domain)).model_dump(mode="json")["rooms"]
    assert not {"place", "meeting_url"} & room.keys()


async def test_pages_hold_each_room_once_newest_first(catalogue: Catalogue) -> None:
    domain, host = a_domain(), uuid4()
    older = await catalogue.publish(*(a_room(domain=domain) for _ in range(4)), host=host)
    newer = await catalogue.publish(*(a_room(domain=domain) for _ in range(3)), host=host)
    ids = await walked(catalogue, domain=domain, limit=2)
    assert ids == sorted(newer, reverse=True) + sorted(older, reverse=True)
    assert await walked(catalogue, domain=domain, limit=7) == ids


async def test_pages_neither_skip_nor_repeat_while_rooms_change(catalogue: Catalogue) -> None:
    domain, host = a_domain(), uuid4()
    start = await catalogue.publish(*(a_room(domain=domain) for _ in range(6)), host=host)
    first = await catalogue.search(domain=domain, limit=3)
    seen = [room.room_id for room in first.rooms]
    unseen = [room_id for room_id in start if room_id not in seen]
    await catalogue.publish(a_room(domain=domain), host=host)
    await catalogue.send(CloseRoom(room_id=seen[-1]), host)
    await catalogue.send(ReviseRoom(room_id=seen[0], title="Again"), host)
    await catalogue.send(ReviseRoom(room_id=unseen[0], title="Again"), host)
    rest = await walked(catalogue, domain=domain, limit=2, after=first.after)
    assert sorted(rest) == sorted(unseen)


async def test_a_page_ends_before_the_answer_is_too_long(catalogue: Catalogue) -> None:
    domain = a_domain()
    rooms = [a_room(domain=domain, purpose="字" * 10_000) for _ in range(9)]
    ids = await catalogue.publish(*rooms, host=uuid4())
    page = await catalogue.search(domain=domain, limit=100)
    assert len(page.model_dump_json().encode()) < 256 * 1024
    assert 0 < len(page.rooms) < 9
    assert sorted(await walked(catalogue, domain=domain, limit=100)) == sorted(ids)


@pytest.mark.parametrize("after", ["not one", "", "MjAyNi0wMy0wMSBi", "Zm9v", "é"])
async def test_a_page_that_cannot_be_read_is_invalid(catalogue: Catalogue, after: str) -> None:
    answer = await catalogue.searched(after=after)
    assert isinstance(answer, Refusal)
    assert (answer.code, [error.field for error in answer.errors]) == ("invalid", ["after"])
