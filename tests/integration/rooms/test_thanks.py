"""Thanks between people in a room."""

import json
from typing import Any
from uuid import UUID, uuid4

from tests.integration.rooms.catalogue import Catalogue, withdrawn
from tests.integration.rooms.living import Living
from tests.integration.rooms.planning import change
from tests.integration.rooms.test_exporting import exported, rows_of
from tests.support.stack.example_service import received

from practio_contracts.answers import Refusal
from practio_contracts.people import PersonErased
from practio_contracts.rooms import ListThanks, Thank, ThanksFound
from practio_rooms.domain.thanks import OF_A_PERSON

WORDS = "They saved me twice."


async def thank(room: Living, by: UUID, person: UUID, **fields: Any) -> dict[str, Any]:
    stated = {"room_id": room.room_id, "thanks_id": uuid4(), "person_id": person, "for": "the minutes", "words": WORDS}
    return await room.catalogue.send(Thank.model_validate(stated | {"seen_by": "room"} | fields), by)


async def seen(room: Living, by: UUID, **asked: Any) -> ThanksFound:
    found = await room.catalogue.ask(ListThanks.model_validate({"room_id": room.room_id} | asked), by)
    assert isinstance(found, ThanksFound), found
    return found


async def test_thanks_are_read_by_whom_they_are_meant_for(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 3)
    ada, ben, cem = room.people
    for_all, for_ben = uuid4(), uuid4()
    assert (await thank(room, ada, ben, thanks_id=for_all))["state"]["by"] == str(ada)
    await thank(room, ada, ben, thanks_id=for_ben, seen_by="person")
    assert [each.thanks_id for each in (await seen(room, cem)).thanks] == [for_all]
    assert [each.thanks_id for each in (await seen(room, room.host)).thanks] == [for_all]
    for person in (ada, ben):
        found = (await seen(room, person)).thanks
        assert {each.thanks_id for each in found} == {for_all, for_ben}
        assert {(each.by, each.reason, each.words) for each in found} == {(ada, "the minutes", WORDS)}
    pages = [await seen(room, ben, limit=1)]
    pages.append(await seen(room, ben, limit=1, after=pages[0].after))
    assert {page.thanks[0].thanks_id for page in pages} == {for_all, for_ben}
    assert pages[1].after is None
    stranger = await catalogue.ask(ListThanks(room_id=room.room_id), uuid4())
    assert isinstance(stranger, Refusal)
    assert stranger.code == "not-allowed"


async def test_its_text_is_for_services_alone(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2)
    ada, ben = room.people
    identity = uuid4()
    await thank(room, ada, ben, thanks_id=identity)
    [event] = await catalogue.published(identity)
    assert (
        json.loads(event.internal)["data"] | {"for": "the minutes", "words": WORDS}
        == json.loads(event.internal)["data"]
    )
    assert json.loads(event.public)["data"] == {
        "room_id": str(room.room_id),
        "thanks_id": str(identity),
        "person_id": str(ben),
        "by": str(ada),
        "seen_by": "room",
    }


async def test_who_is_in_the_room_or_its_offices_thanks_somebody_else_there(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2)
    ada, ben = room.people
    assert (await seen(room, ada)).people == sorted([room.host, ben], key=lambda each: each != room.host)
    assert (await thank(room, ada, room.host))["changed"] is True
    assert (await thank(room, room.host, ada))["changed"] is True
    assert (await thank(room, ada, ada))["code"] == "invalid"
    assert (await thank(room, stranger := uuid4(), stranger))["code"] == "invalid", "the data come before the right"
    assert (await thank(room, ada, uuid4()))["code"] == "person-unknown"
    assert (await thank(room, uuid4(), ada))["code"] == "not-allowed"
    await catalogue.handle(withdrawn(room.members[1]))
    assert (await thank(room, ada, ben))["code"] == "person-unknown"
    assert (await thank(room, ben, ada))["code"] == "not-allowed"


async def test_the_same_word_counts_once_and_only_abuse_is_one_too_many(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2)
    ada, ben = room.people
    first = uuid4()
    await thank(room, ada, ben, thanks_id=first)
    assert (await thank(room, ada, ben, thanks_id=first))["changed"] is False
    assert (await thank(room, ada, ben, thanks_id=first, words="Other"))["code"] == "id-taken"
    assert (await thank(room, room.host, ben, thanks_id=first))["code"] == "id-taken"
    for _ in range(OF_A_PERSON.most - 1):
        assert (await thank(room, ada, ben))["changed"] is True
    refused = await thank(room, ada, ben)
    assert (refused["code"], refused["next_step"]) == ("too-many", "retry-after")
    assert (await thank(room, ben, ada))["changed"] is True
    aged = "UPDATE thanks SET thanked_at = now() - interval '8 days' WHERE thanks_id = :first"
    await change(catalogue, aged, first=first)
    assert (await thank(room, ada, ben))["changed"] is True


async def test_erasure_of_either_person_deletes_the_word(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 3)
    ada, ben, cem = room.people
    await thank(room, ada, ben)
    await thank(room, cem, ada)
    [given, got] = sorted(rows_of(await exported(catalogue, ada), "thanks"), key=lambda row: row["author_id"] is None)
    assert (given["author_id"], given["person_id"]) == (str(ada), None)
    assert (got["author_id"], got["person_id"]) == (None, str(ada))
    await catalogue.handle(received(PersonErased(person_id=ada), subject=str(ada), sequence="9", actor=None))
    assert await catalogue.rows("SELECT 1 FROM thanks WHERE room_id = :room", room=room.room_id) == []
