"""A copy of a room: its draft, its notes, and what readers see of both rooms."""

import json
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.living import Living
from tests.support.clients.commands import a_room
from tests.support.stack.example_service import received

from practio_contracts.envelope import SYSTEM
from practio_contracts.people import PersonErased
from practio_contracts.rooms import (
    Appoint,
    CancelRoom,
    CopyRoom,
    DiscardDraft,
    NotesFound,
    Office,
    PublishRoom,
    RecordNote,
    ReplayRooms,
    ReviseRoom,
)


async def copy(catalogue: Catalogue, room_id: UUID, by: UUID, **fields: Any) -> dict[str, Any]:
    stated = {"room_id": room_id, "new_room_id": uuid4()}
    return await catalogue.send(CopyRoom.model_validate(stated | fields), by)


async def record(room: Living, title: str, *, confidential: bool = False) -> None:
    note = {"room_id": room.room_id, "note_id": uuid4(), "kind": "learning", "title": title, "text": "Ask first."}
    answer = await room.catalogue.send(RecordNote.model_validate(note | {"confidential": confidential}), room.people[0])
    assert answer.get("state"), answer


async def notes_of(catalogue: Catalogue, room_id: UUID, by: UUID) -> NotesFound:
    found = await catalogue.notes(room_id, by)
    assert isinstance(found, NotesFound), found
    return found


async def test_a_copy_is_drafted_once_for_services_alone(catalogue: Catalogue) -> None:
    host, new = uuid4(), uuid4()
    [room_id] = await catalogue.publish(a_room(), host=host)
    answer = await copy(catalogue, room_id, host, new_room_id=new)
    assert (answer["changed"], answer["state"]["origin_id"], answer["state"]["status"]) == (True, str(room_id), "draft")
    [event] = await catalogue.published(new)
    assert (event.routing_key, event.public) == ("rooms.room-drafted.v1", None)
    assert json.loads(event.internal)["data"]["room"]["origin_id"] == str(room_id)
    assert (await copy(catalogue, room_id, host, new_room_id=new))["changed"] is False
    assert (await copy(catalogue, room_id, host, new_room_id=new, title="Other"))["code"] == "id-taken"
    assert (await copy(catalogue, room_id, host, new_room_id=room_id))["code"] == "id-taken"


async def test_both_commands_of_one_batch_have_the_effect_of_one(catalogue: Catalogue) -> None:
    host = uuid4()
    [room_id] = await catalogue.publish(a_room(), host=host)
    command = CopyRoom(room_id=room_id, new_room_id=uuid4())
    answers = await catalogue.handle(received(command, actor=host), received(command, actor=host))
    assert [each["data"]["changed"] for each in answers] == [True, False]


async def test_strangers_and_facilitators_are_refused_and_drafts_unknown(catalogue: Catalogue) -> None:
    host, facilitator, steward = uuid4(), uuid4(), uuid4()
    [room_id] = await catalogue.publish(a_room(facilitator_ids=[facilitator], steward_ids=[steward]), host=host)
    assert (await copy(catalogue, room_id, facilitator))["code"] == "not-allowed"
    assert (await copy(catalogue, room_id, uuid4()))["code"] == "not-allowed"
    assert (await copy(catalogue, uuid4(), host))["code"] == "room-unknown"
    [answer] = await catalogue.handle(received(CopyRoom(room_id=room_id, new_room_id=uuid4()), actor=SYSTEM))
    assert answer["data"]["code"] == "not-allowed"
    draft = (await copy(catalogue, room_id, steward))["state"]
    assert draft["host_id"] == str(steward)
    assert (await copy(catalogue, draft["room_id"], host))["code"] == "room-unknown"


async def test_public_notes_come_along_with_their_author_if_asked_for(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    await record(room, "Open")
    await record(room, "Secret", confidential=True)
    without = UUID((await copy(catalogue, room.room_id, room.host))["state"]["room_id"])
    assert (await notes_of(catalogue, without, room.host)).notes == []
    new = UUID((await copy(catalogue, room.room_id, room.host, keep=["statements", "notes"]))["state"]["room_id"])
    [note] = (await notes_of(catalogue, new, room.host)).notes
    [before] = [each for each in (await notes_of(catalogue, room.room_id, room.host)).notes if each.title == "Open"]
    assert (note.title, note.author_id, note.recorded_at) == ("Open", room.people[0], before.recorded_at)
    assert note.note_id != before.note_id
    await catalogue.handle(received(PersonErased(person_id=room.people[0])))
    assert [each.author_id for each in (await notes_of(catalogue, new, room.host)).notes] == [None]


async def test_a_discarded_copy_leaves_no_note_and_its_id_is_not_given_again(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    await record(room, "Open")
    new = uuid4()
    await copy(catalogue, room.room_id, room.host, new_room_id=new, keep=["notes"])
    await catalogue.send(DiscardDraft(room_id=new), room.host)
    async with catalogue.pool.connect() as connection:
        left = await connection.scalar(text("SELECT count(*) FROM note WHERE room_id = :room"), {"room": new})
    assert left == 0
    assert (await copy(catalogue, room.room_id, room.host, new_room_id=new, keep=["notes"]))["code"] == "room-unknown"
    assert (await copy(catalogue, room.room_id, room.host, new_room_id=new))["code"] == "id-taken"
    assert len((await notes_of(catalogue, room.room_id, room.host)).notes) == 1


async def test_readers_see_where_a_room_came_from_and_what_grew_out_of_it(catalogue: Catalogue) -> None:
    host, stranger = uuid4(), uuid4()
    [room_id] = await catalogue.publish(a_room(), host=host)
    new = UUID((await copy(catalogue, room_id, host, title="Second"))["state"]["room_id"])
    assert [each.room_id for each in (await catalogue.room_result(room_id, host)).copies] == [new]
    assert (await catalogue.room_result(room_id, stranger)).copies == []
    answer = await catalogue.send(PublishRoom(room_id=new), host)
    assert answer["state"]["status"] == "published", answer
    [shown] = (await catalogue.room_result(room_id, stranger)).copies
    assert (shown.title, shown.status) == ("Second", "published")
    origin = (await catalogue.room_result(new, stranger)).origin
    assert origin
    assert origin.room_id == room_id
    await catalogue.send(CancelRoom(room_id=room_id, reason="over"), host)
    assert (await catalogue.room_result(new, stranger)).origin is None


async def test_the_origin_survives_a_release_that_does_not_know_it(catalogue: Catalogue) -> None:
    host = uuid4()
    [room_id] = await catalogue.publish(a_room(), host=host)
    new = UUID((await copy(catalogue, room_id, host))["state"]["room_id"])
    async with catalogue.pool.begin() as connection:
        forget = "UPDATE room SET snapshot = snapshot - 'origin_id' WHERE room_id = :room"
        await connection.execute(text(forget), {"room": new})
    shown = await catalogue.room_result(new, host)
    assert (shown.room.origin_id, shown.origin and shown.origin.room_id) == (room_id, room_id)
    await catalogue.handle(received(ReplayRooms(room_ids=[new]), actor=SYSTEM, account="practio-rooms"))
    [*_, replayed] = await catalogue.published(new)
    assert json.loads(replayed.internal)["data"]["room"]["origin_id"] == str(room_id)
    assert (await catalogue.send(ReviseRoom(room_id=new, title="Other"), host))["state"]["origin_id"] == str(room_id)
    revised = Appoint(room_id=new, person_id=uuid4(), office=Office.STEWARD)
    assert (await catalogue.send(revised, host))["state"]["origin_id"] == str(room_id)
