"""People find rooms: by words in their own language, and by the seats that are free at this moment."""

from collections.abc import Awaitable

from tests.support.clients.actions import ACCEPT, REQUEST, WITHDRAW, OpenRoom, a_published_room, accepted, asks, does
from tests.support.clients.commands import Data, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually


async def found(outside: OutsideSystem, **asked: object) -> dict[str, Data]:
    """Search as a stranger; return the rooms by their ids."""
    answer = await outside.query("rooms.search-rooms.v1", asked, actor=new_id())
    return {room["room_id"]: room for room in answer["result"]["rooms"]}


async def test_a_taken_or_freed_seat_is_visible_in_searches_within_seconds(outside: OutsideSystem) -> None:
    domain = f"school {new_id()}"
    room = await a_published_room(outside, capacity=1, policy="open", domain=domain)
    first, second = new_id(), new_id()

    async def shown(**asked: object) -> Data | None:
        return (await found(outside, domain=domain, **asked)).get(room.room_id)

    assert (await shown(with_free_seats=True) or {})["seats_free"] == 1
    for person in (first, second):
        await accepted(asks(outside, room, person))
    await eventually(lambda: _is(shown(), seats_free=0, waiting=1), message="full, and one waits")
    assert await shown(with_free_seats=True) is None
    await does(outside, WITHDRAW, room, first)
    await does(outside, ACCEPT, room, second)
    await eventually(lambda: _is(shown(), seats_free=0, waiting=0), message="full, and nobody waits")
    await does(outside, WITHDRAW, room, second)
    await eventually(lambda: _is(shown(with_free_seats=True), seats_free=1), message="a seat is free")


async def _is(shown: Awaitable[Data | None], **figures: int) -> bool:
    room = await shown
    return room is not None and {name: room[name] for name in figures} == figures


async def test_a_room_is_found_by_another_form_of_a_word_and_by_its_beginning(
    outside: OutsideSystem,
) -> None:
    domain = f"scuola {new_id()}"
    room = await _an_italian_room(outside, domain)
    for text in ("dirigenti scolastici", "dirigente", "intervisione per dirig"):
        assert room.room_id in await found(outside, text=text, domain=domain), text
    assert room.room_id not in await found(outside, text="falegnameria", domain=domain)


async def test_place_and_meeting_link_are_shown_only_to_people_in_the_room(outside: OutsideSystem) -> None:
    room = await a_published_room(outside, capacity=2, policy="open")
    person = new_id()

    async def link(actor: str) -> object:
        asked = {"room_id": room.room_id}
        return (await outside.query("rooms.get-room.v1", asked, actor=actor))["result"]["room"].get("meeting_url")

    assert await link(person) is None
    await accepted(outside.send(REQUEST, {"room_id": room.room_id, "person_id": person}, actor=person))
    await eventually(lambda: link(person), message="the link is shown to who is in")
    command = {"room_id": room.room_id, "person_id": person, "reason": "Passed on what was confided."}
    await accepted(outside.send("membership.remove.v1", command, actor=room.host))

    async def is_hidden() -> bool:
        return await link(person) is None

    await eventually(is_hidden, message="the link is hidden from who was removed")


async def _an_italian_room(outside: OutsideSystem, domain: str) -> OpenRoom:
    return await a_published_room(
        outside, domain=domain, language="it", title="Intervisione per dirigenti scolastici", purpose="Un caso al mese."
    )
