"""Office holders, published by one service and received by the others: hand-overs, appointments, erased hosts."""

from typing import Any

from tests.support.clients.actions import (
    APPROVE,
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    does,
    roster,
    roster_answer,
)
from tests.support.clients.commands import Data, a_room, about, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger

HAND_OVER = "rooms.hand-over.v1"
ACCEPT_HAND_OVER = "rooms.accept-hand-over.v1"
APPOINT = "rooms.appoint.v1"


async def test_a_hand_over_is_proposed_accepted_and_known_to_all_services(
    outside: OutsideSystem, ledger: Ledger
) -> None:
    room = await a_published_room(outside, capacity=1, policy="open")
    heir, waiting, newcomer = new_id(), new_id(), new_id()
    await accepted(asks(outside, room, heir))
    await accepted(asks(outside, room, waiting))

    await does(outside, HAND_OVER, room, heir, actor=room.host)
    proposed = await outside.receives("rooms.hand-over-proposed.v1", room_id=room.room_id, person_id=heir)
    assert (proposed["actor"], proposed["data"]["room"]["host_id"]) == (room.host, room.host)
    assert (await does(outside, ACCEPT_HAND_OVER, room, heir))["host_id"] == heir

    changed = await outside.receives("rooms.host-changed.v1", room_id=room.room_id, person_id=heir)
    assert (changed["data"]["former_host_id"], changed["data"]["room"]["host_id"]) == (room.host, heir)
    assert not {"place", "meeting_url"} & set(changed["data"]["room"])
    await outside.receives("membership.withdrawn.v1", room_id=room.room_id, person_id=heir)
    await outside.receives("membership.seat-offered.v1", room_id=room.room_id, person_id=waiting)
    handed_over = OpenRoom(room.room_id, heir)
    assert (await roster(outside, handed_over))["seats_held"] == 1
    assert (await roster_answer(outside, room))["code"] == "not-allowed"
    await accepted(asks(outside, handed_over, newcomer))
    await ledger.is_clean()


async def test_a_hand_over_that_is_declined_leaves_the_room_with_its_host(
    outside: OutsideSystem, ledger: Ledger
) -> None:
    room, person = await a_published_room(outside), new_id()
    await does(outside, HAND_OVER, room, person, actor=room.host)
    answer = await does(outside, "rooms.decline-hand-over.v1", room, person)
    assert answer["host_id"] == room.host
    assert "meeting_url" not in answer
    declined = await outside.receives("rooms.hand-over-declined.v1", room_id=room.room_id, person_id=person)
    assert declined["actor"] == person
    refused = await outside.send(ACCEPT_HAND_OVER, about(room.room_id, person), actor=person)
    assert refused["code"] == "no-hand-over"
    await ledger.is_clean()


async def test_an_appointed_person_gives_up_the_seat_and_decides_on_requests(
    outside: OutsideSystem, ledger: Ledger
) -> None:
    room, steward, person = await a_published_room(outside), new_id(), new_id()
    await accepted(asks(outside, room, steward))
    await does(outside, APPROVE, room, steward, actor=room.host)

    await accepted(outside.send(APPOINT, about(room.room_id, steward, office="steward"), actor=room.host))
    changed = await outside.receives("rooms.office-changed.v1", room_id=room.room_id, person_id=steward)
    assert (changed["data"]["office"], changed["data"]["appointed"]) == ("steward", True)
    await outside.receives("membership.withdrawn.v1", room_id=room.room_id, person_id=steward)
    await accepted(asks(outside, room, person))
    assert (await does(outside, APPROVE, room, person, actor=steward))["status"] == "joined"
    refused = await outside.send(APPROVE, about(room.room_id, person), actor=new_id())
    assert refused["code"] == "not-allowed"
    await ledger.is_clean()


async def test_a_discarded_draft_is_never_known_outside(outside: OutsideSystem) -> None:
    room, host = a_room(), new_id()
    subject: Data = {"room_id": room["room_id"]}
    await accepted(outside.send("rooms.create-room.v1", room, actor=host))
    await accepted(outside.send("rooms.discard-draft.v1", subject, actor=host))
    for command, data in (("publish-room", subject), ("discard-draft", subject), ("create-room", room)):
        assert (await outside.send(f"rooms.{command}.v1", data, actor=host))["code"] == "room-unknown"
    assert (await outside.query("rooms.get-room.v1", subject, actor=host))["code"] == "room-unknown"
    await outside.receives("rooms.command-refused.v1", command_type="practio.rooms.create-room.v1")
    kinds = {event["type"] for event in outside.all_events() if event["subject"] == room["room_id"]}
    assert kinds <= {"practio.rooms.command-refused.v1"}


async def test_the_room_of_an_erased_host_passes_to_a_facilitator_who_then_decides(
    outside: OutsideSystem, ledger: Ledger
) -> None:
    host, facilitator, person = await a_known_person(outside), new_id(), new_id()
    room = await a_published_room(outside, host=host, facilitator_ids=[facilitator], steward_ids=[new_id()])
    await does(outside, HAND_OVER, room, person, actor=host)

    await outside.publish_event("people.person-erased.v1", {"person_id": host})
    lapsed = await outside.receives("rooms.hand-over-declined.v1", room_id=room.room_id, person_id=person)
    changed = await outside.receives("rooms.host-changed.v1", room_id=room.room_id, former_host_id=host)
    assert changed["data"]["person_id"] == changed["data"]["room"]["host_id"] == facilitator
    assert lapsed["data"]["reason"]
    assert changed["data"]["reason"]
    passed_on = OpenRoom(room.room_id, facilitator)
    await accepted(asks(outside, passed_on, person))
    assert (await does(outside, APPROVE, passed_on, person, actor=facilitator))["status"] == "joined"
    await accepted(outside.send(APPOINT, about(room.room_id, new_id(), office="steward"), actor=facilitator))
    await ledger.is_clean()


async def test_the_room_of_an_erased_host_without_a_successor_is_closed_with_the_reason(
    outside: OutsideSystem, ledger: Ledger
) -> None:
    host = await a_known_person(outside)
    room = await a_published_room(outside, host=host)
    await outside.publish_event("people.person-erased.v1", {"person_id": host})
    closed = await outside.receives("rooms.room-closed.v1", room_id=room.room_id)
    assert closed["data"]["reason"]
    await eventually(lambda: is_refused(outside, room), message="membership knows that the room is closed")

    heir = new_id()
    await accepted(outside.send(HAND_OVER, about(room.room_id, heir), actor="system"))
    await does(outside, ACCEPT_HAND_OVER, room, heir)
    await accepted(outside.send("rooms.reopen-room.v1", {"room_id": room.room_id}, actor=heir))
    await outside.receives("rooms.room-reopened.v1", room_id=room.room_id)
    await ledger.is_clean()


async def is_refused(outside: OutsideSystem, room: OpenRoom) -> bool:
    """Return whether requests are refused by now; each by a person of their own."""
    answer: Any = (await asks(outside, room, new_id())).get("code")
    return bool(answer == "room-not-open")
