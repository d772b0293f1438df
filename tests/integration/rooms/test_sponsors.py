"""Sponsors on a real database: registered by the system, named by rooms, looked after by delegates."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.fixing import register
from tests.integration.rooms.planning import change, internal
from tests.support.clients.commands import a_room
from tests.support.stack.example_service import received

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.people import PersonErased
from practio_contracts.rooms import (
    CreateRoom,
    FollowSponsor,
    ListOwnRooms,
    ListSponsors,
    RegisteredSponsor,
    RegisterSponsor,
    ReplayRooms,
    ReviseRoom,
    SponsorsFound,
)


async def events_of(catalogue: Catalogue, sponsor_id: UUID) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the data of a sponsor's events, as services and as others read them."""
    found = [row for row in await catalogue.published(sponsor_id) if row.routing_key.endswith("sponsor-registered.v1")]
    return [(json.loads(row.internal)["data"], json.loads(row.public)["data"]) for row in found]


async def stated(catalogue: Catalogue, room_id: UUID) -> dict[str, Any]:
    [[snapshot]] = await catalogue.rows("SELECT snapshot FROM room WHERE room_id = :room", room=room_id)
    sponsor: dict[str, Any] = snapshot["sponsor"]
    return sponsor


async def test_only_the_system_registers_and_only_services_read_who_the_delegates_are(catalogue: Catalogue) -> None:
    delegate = uuid4()
    sponsor_id = await register(catalogue, delegate)
    await register(catalogue, delegate, sponsor_id=sponsor_id)
    [(internal_data, public)] = await events_of(catalogue, sponsor_id)
    assert internal_data["delegate_ids"] == [str(delegate)]
    assert "delegate_ids" not in public
    command = RegisterSponsor(sponsor_id=uuid4(), name="A school", kind="organisation", delegate_ids=[])
    assert (await catalogue.send(command, uuid4()))["code"] == "not-allowed"


async def test_rooms_name_a_registered_sponsor_by_its_id(catalogue: Catalogue) -> None:
    host, sponsor_id = uuid4(), await register(catalogue)
    room = CreateRoom.model_validate(a_room(sponsor={"sponsor_id": str(sponsor_id)}))
    await catalogue.send(room, host)
    whole = {"kind": "organisation", "name": "Schools of Lucca", "sponsor_id": str(sponsor_id)}
    assert await stated(catalogue, room.room_id) == whole
    unknown = {"room_id": room.room_id, "sponsor": {"sponsor_id": str(uuid4())}}
    assert (await catalogue.send(ReviseRoom.model_validate(unknown), host))["code"] == "sponsor-unknown"
    other = CreateRoom.model_validate(a_room(sponsor={"sponsor_id": str(uuid4())}))
    assert (await catalogue.send(other, host))["code"] == "sponsor-unknown"
    same = {"kind": "organisation", "name": "Schools of Lucca"}
    answer = await catalogue.send(ReviseRoom.model_validate({"room_id": room.room_id, "sponsor": same}), host)
    assert answer["changed"] is False
    another = {"room_id": room.room_id, "sponsor": {"kind": "participants"}}
    await catalogue.send(ReviseRoom.model_validate(another), host)
    assert await stated(catalogue, room.room_id) == {"kind": "participants", "name": None, "sponsor_id": None}


async def test_hosts_find_their_sponsor_by_name_page_by_page_without_its_delegates(catalogue: Catalogue) -> None:
    names = {await register(catalogue, uuid4(), name=name): name for name in ("Zoo", "Academy", "Museum", "Academy")}
    found: list[RegisteredSponsor] = []
    page = SponsorsFound(sponsors=[], after=None)
    while not found or page.after:
        page = await catalogue.ask(ListSponsors(limit=3, after=page.after), uuid4(), datetime.now(UTC))
        assert isinstance(page, SponsorsFound)
        assert len(page.sponsors) == 3 or page.after is None
        found += page.sponsors
    ours = [each for each in found if each.sponsor_id in names]
    assert [each.name for each in ours] == ["Academy", "Academy", "Museum", "Zoo"]
    assert len({each.sponsor_id for each in ours}) == len(names)
    assert {each.delegate_ids for each in found} == {None}
    forged = await catalogue.ask(ListSponsors(after="x"), uuid4(), datetime.now(UTC))
    assert isinstance(forged, Refusal)


async def test_rooms_follow_a_new_name(catalogue: Catalogue) -> None:
    sponsor_id = await register(catalogue)
    sponsor = {"sponsor_id": str(sponsor_id)}
    room_ids = await catalogue.publish(*(a_room(sponsor=sponsor) for _ in range(3)), host=uuid4())
    await register(catalogue, sponsor_id=sponsor_id, name="Schools of Tuscany")
    assert any(row.routing_key == "rooms.follow-sponsor.v1" for row in await catalogue.published(sponsor_id))
    for _ in range(2):
        await catalogue.handle(internal(FollowSponsor(sponsor_id=sponsor_id)))
    goes_on = [row for row in await catalogue.published(sponsor_id) if row.routing_key == "rooms.follow-sponsor.v1"]
    assert len(goes_on) == 2  # what changed meanwhile is looked for again, until nothing has
    assert {(await stated(catalogue, each))["name"] for each in room_ids} == {"Schools of Tuscany"}
    for room_id in room_ids:
        keys = [row.routing_key for row in await catalogue.published(room_id)]
        assert keys.count("rooms.room-revised.v1") == 1


async def test_a_room_that_the_release_before_wrote_has_no_sponsor_id(catalogue: Catalogue) -> None:
    host = uuid4()
    [room_id] = await catalogue.publish(a_room(), host=host)
    await change(
        catalogue, "UPDATE room SET snapshot = snapshot #- '{sponsor,sponsor_id}' WHERE room_id = :room", room=room_id
    )
    answer = await catalogue.send(ReviseRoom(room_id=room_id, title="Another title"), host)
    assert answer["state"]["sponsor"]["sponsor_id"] is None


async def test_delegates_find_their_sponsors_with_their_own_rooms(catalogue: Catalogue) -> None:
    delegate = uuid4()
    sponsor_id = await register(catalogue, delegate)
    found = await catalogue.ask(ListOwnRooms(person_id=delegate), delegate)
    assert [(each.sponsor_id, each.delegate_ids) for each in found.sponsors] == [(sponsor_id, None)]
    assert (await catalogue.ask(ListOwnRooms(person_id=uuid4()), SYSTEM)).sponsors == []


async def test_an_erased_person_is_a_delegate_no_more(catalogue: Catalogue) -> None:
    gone, left = uuid4(), uuid4()
    sponsor_id = await register(catalogue, gone, left)
    await catalogue.handle(received(PersonErased(person_id=gone), subject=str(gone), sequence="9", actor=None))
    assert [data["delegate_ids"] for data, _ in await events_of(catalogue, sponsor_id)][-1] == [str(left)]
    await register(catalogue, gone, left, sponsor_id=sponsor_id)
    found = await catalogue.rows("SELECT person_id FROM sponsor_delegate WHERE sponsor_id = :id", id=sponsor_id)
    assert [row.person_id for row in found] == [left]


async def test_a_replay_of_rooms_publishes_their_sponsors_again(catalogue: Catalogue) -> None:
    sponsor_id = await register(catalogue, uuid4())
    [room_id] = await catalogue.publish(a_room(sponsor={"sponsor_id": str(sponsor_id)}), host=uuid4())
    replay = ReplayRooms(room_ids=[room_id])
    await catalogue.handle(received(replay, actor=SYSTEM, account="practio-rooms"))
    events = await events_of(catalogue, sponsor_id)
    assert [data["delegate_ids"] for data, _ in events] == [events[0][0]["delegate_ids"]] * 2
