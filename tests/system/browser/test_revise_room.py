"""A host revises a published room in a browser: the figures are true, and two hosts at once lose nothing."""

import pytest
from tests.support.browser.reader import Reader
from tests.support.clients.actions import APPROVE, a_known_person, a_published_room, accepted, asks, does
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack
from tests.system.browser.conftest import ReaderFactory
from tests.system.browser.sample_room import SampleRoom, a_sample_room

pytestmark = pytest.mark.thorough  # tests/unit/pages/test_revise_room.py and the services show each step


async def stated(outside: OutsideSystem, sample_room: SampleRoom) -> dict[str, object]:
    room, host = sample_room.room.room_id, sample_room.room.host
    found: dict[str, object] = (await outside.query("rooms.get-room.v1", {"room_id": room}, actor=host))["result"][
        "room"
    ]
    return found


async def previews(reader: Reader, sample_room: SampleRoom, **entered: str) -> None:
    """Open the form of a room, fill it in by the labels of its fields, and see what follows."""
    await reader.opens(sample_room.desk_link())
    await reader.follows(reader.page.get_by_role("link", name="Edit the room"))
    for name, text in entered.items():
        await reader.page.locator(f"#{name}").fill(text)
    assert await reader.presses("Show what follows") == 200


async def test_a_host_lowers_and_raises_the_seats_of_a_room_with_people_in_it(
    outside: OutsideSystem, stack: RunningStack, reader: Reader
) -> None:
    sample_room = await a_sample_room(outside, stack)
    await previews(reader, sample_room, capacity="1")
    words = await reader.words()
    assert "2 → 1" in words
    assert "Seats in use, with those held for offers: 2." in words
    assert "when 2 of these people have left" in words
    assert "Nobody gets an email about this." in words
    assert (await stated(outside, sample_room))["capacity"] == 2
    assert await reader.presses("Change the room") == 200
    assert "Done: the room is changed." in await reader.words()
    assert (await stated(outside, sample_room))["capacity"] == 1

    await previews(reader, sample_room, capacity="3")
    assert "People on the waitlist: 1. At most one of them is offered a seat" in await reader.words()
    assert await reader.presses("Change the room") == 200
    await outside.receives("membership.seat-offered.v1", person_id=sample_room.people["waitlisted"])


async def test_of_two_hosts_at_once_the_second_sees_what_the_first_has_changed(
    outside: OutsideSystem, stack: RunningStack, reader: Reader, readers: ReaderFactory
) -> None:
    sample_room = await a_sample_room(outside, stack)
    await previews(reader, sample_room, capacity="4", purpose="Mine.\nNew.")
    async with readers() as other:
        await previews(other, sample_room, capacity="5", title="Theirs")
        assert await other.presses("Change the room") == 200
    assert await reader.presses("Change the room") == 409
    words = await reader.words()
    assert "Somebody else has changed the room in the meantime" in words
    assert "The room now: 5 You: 4" in words
    assert await reader.page.locator("#purpose").input_value() == "Mine.\nNew."
    assert await reader.page.locator("#title").input_value() == "Theirs"
    assert await reader.presses("Change the room") == 200
    now = await stated(outside, sample_room)
    assert (now["capacity"], now["purpose"], now["title"]) == (4, "Mine.\nNew.", "Theirs")


async def test_a_host_invites_somebody_again_by_name(
    outside: OutsideSystem, stack: RunningStack, reader: Reader
) -> None:
    sample_room = await a_sample_room(outside, stack)
    person = sample_room.people["withdrawn"]
    await reader.opens(f"{sample_room.desk_link()}/people/{person}")
    await reader.follows(reader.page.get_by_role("link", name="Invite again"))
    assert await reader.page.locator(f"input[name=person-{person}]").is_checked()
    assert await reader.presses("Send the invitations") == 200
    assert "Invited." in await reader.words()
    await outside.receives("membership.invited.v1", person_id=person)


async def test_a_waitlist_that_is_switched_off_takes_offers_back_and_keeps_places(
    outside: OutsideSystem, stack: RunningStack, reader: Reader
) -> None:
    sample_room = await a_sample_room(outside, stack)
    await reader.opens(f"{sample_room.desk_link()}/room")
    await reader.page.get_by_label("Keep a waitlist").uncheck()
    await reader.presses("Show what follows")
    words = await reader.words()
    assert "One offer is taken back" in words
    assert "One person is waiting: they keep their place" in words
    assert await reader.presses("Change the room") == 200
    await outside.receives("membership.offer-revoked.v1", person_id=sample_room.people["offered"])

    async def roster() -> dict[str, int]:
        about = {"room_id": sample_room.room.room_id}
        found: dict[str, int] = (await outside.query("membership.get-roster.v1", about, actor=sample_room.room.host))[
            "result"
        ]["counts"]
        return found

    async def both_wait() -> bool:
        return (await roster()).get("waitlisted") == 2

    await eventually(both_wait)


async def test_a_room_that_opens_lets_in_those_for_whom_a_seat_is_free(
    outside: OutsideSystem, stack: RunningStack, reader: Reader
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    room = await a_published_room(outside, host=host, capacity=3, access={"policy": "approval"})
    inside, *pending = [await a_known_person(outside, f"Ada {number}") for number in range(3)]
    for person in (inside, *pending):
        await accepted(asks(outside, room, person))
    await does(outside, APPROVE, room, inside, actor=host)
    sample_room = SampleRoom(stack, room, {}, leave_form="")
    await reader.opens(f"{sample_room.desk_link()}/room")
    await reader.page.locator("#policy").select_option("open")
    await reader.presses("Show what follows")
    assert "2 requests are waiting: these people get the free seats" in await reader.words()
    assert await reader.presses("Change the room") == 200
    for person in pending:
        await outside.receives("membership.joined.v1", person_id=person)
