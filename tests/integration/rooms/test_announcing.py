"""The host's word to the people of a room."""

import json
from typing import Any
from uuid import UUID, uuid4

from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.living import Living
from tests.integration.rooms.planning import change

from practio_contracts.rooms import Announce


async def announce(room: Living, by: UUID | None = None, **fields: Any) -> dict[str, Any]:
    stated = {"room_id": room.room_id, "announcement_id": uuid4(), "text": "The door code is new."}
    return await room.catalogue.send(Announce.model_validate(stated | fields), by or room.host)


async def test_a_room_has_two_announcements_in_seven_days(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    first = uuid4()
    assert (await announce(room, announcement_id=first, to="everybody"))["state"]["to"] == "everybody"
    again = await announce(room, announcement_id=first, to="everybody")
    assert again["changed"] is False
    assert (await announce(room, announcement_id=first, to="joined"))["code"] == "id-taken"
    await announce(room)
    refused = await announce(room)
    assert (refused["code"], refused["next_step"]) == ("too-many", "retry-after")
    assert refused["retry_after"]
    await change(
        catalogue,
        "UPDATE announcement SET announced_at = now() - interval '8 days' WHERE announcement_id = :first",
        first=first,
    )
    assert (await announce(room))["changed"] is True


async def test_its_text_is_for_services_alone_and_not_kept(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    identity = uuid4()
    await announce(room, announcement_id=identity)
    [event] = await catalogue.published(identity)
    assert json.loads(event.internal)["data"]["text"] == "The door code is new."
    assert json.loads(event.public)["data"] | {"session_id": None} == {
        "room_id": str(room.room_id),
        "announcement_id": str(identity),
        "to": "joined",
        "by": str(room.host),
        "session_id": None,
    }


async def test_only_host_and_facilitators_announce_in_a_room_that_goes_on(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 1)
    assert (await announce(room, room.people[0]))["code"] == "not-allowed"
    assert (await announce(room, session_id=uuid4()))["code"] == "session-unknown"
    session = await room.session()
    assert (await announce(room, session_id=session))["state"]["session_id"] == str(session)
