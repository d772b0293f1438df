"""Practice notes, by an outside system that has nothing but AMQP and contracts/README.md."""

from functools import partial

from tests.support.clients.actions import OpenRoom, a_published_room, accepted, asks, does
from tests.support.clients.commands import Data, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger

RECORD, REVISE, WITHDRAW = "rooms.record-note.v1", "rooms.revise-note.v1", "rooms.withdraw-note.v1"
WORDS = "Nobody had said what it costs the others."


async def listed(outside: OutsideSystem, room: OpenRoom, person: str, **asked: object) -> Data:
    return await outside.query("rooms.list-notes.v1", {"room_id": room.room_id, **asked}, actor=person)


async def reads(outside: OutsideSystem, room: OpenRoom, person: str) -> bool:
    return (await listed(outside, room, person)).get("code") is None


async def test_notes_are_recorded_published_and_readable_for_participants_after_the_room_ends(
    outside: OutsideSystem, ledger: Ledger
) -> None:
    room, author, leaver = await a_published_room(outside, policy="open"), new_id(), new_id()
    for person in (author, leaver):
        await accepted(asks(outside, room, person))
        await eventually(partial(reads, outside, room, person), message="the person is in the room")

    note_id = new_id()
    note = {"room_id": room.room_id, "note_id": note_id, "kind": "case", "title": "Always late", "text": WORDS}
    state = await accepted(outside.send(RECORD, note, actor=author))
    assert (state["confidential"], state["version"]) == (True, 1)
    recorded = await outside.receives("rooms.note-recorded.v1", room_id=room.room_id)
    assert (recorded["subject"], recorded.get("actor"), recorded["data"]["note"]["kind"]) == (note_id, None, "case")

    [shown] = (await listed(outside, room, leaver, text="costs the oth"))["result"]["notes"]
    assert (shown["text"], shown["author_id"]) == (WORDS, author)
    assert (await listed(outside, room, new_id()))["code"] == "not-allowed"
    await does(outside, "membership.withdraw.v1", room, leaver)

    async def is_shut_out() -> bool:
        return not await reads(outside, room, leaver)

    await eventually(is_shut_out, message="who left reads no more")

    await accepted(outside.send(REVISE, {"note_id": note_id, "confidential": False}, actor=room.host))
    public = (await outside.query("rooms.get-room.v1", {"room_id": room.room_id}, actor=new_id()))["result"]["notes"]
    assert [each["text"] for each in public] == [WORDS]

    await accepted(outside.send("rooms.archive-room.v1", {"room_id": room.room_id}, actor=room.host))
    await outside.receives("membership.ended.v1", room_id=room.room_id, person_id=author)
    assert await reads(outside, room, author)
    await outside.publish_event("people.person-erased.v1", {"person_id": author})

    async def is_nobodys() -> bool:
        notes = (await listed(outside, room, room.host))["result"]["notes"]
        return [(each["text"], each["author_id"]) for each in notes] == [(WORDS, None)]

    await eventually(is_nobodys, message="the note is nobody's")
    await accepted(outside.send(WITHDRAW, {"note_id": note_id}, actor=room.host))
    assert (await listed(outside, room, room.host))["result"]["notes"] == []
    events = [event for event in outside.all_events() if ".note-" in event["type"]]
    assert not any(words in str(events) for words in (WORDS, "Always late", author))
    await ledger.is_clean()
