"""Commands and events, through the service's handlers, into PostgreSQL and the outbox."""

import json
from uuid import UUID, uuid4

from tests.integration.rooms.catalogue import Catalogue, a_membership, joined, occupancy, withdrawn
from tests.support.clients.commands import a_room
from tests.support.stack.example_service import received

from practio_contracts.envelope import SYSTEM
from practio_contracts.people import PersonErased
from practio_contracts.rooms import CloseRoom, CreateRoom, PublishRoom, ReviseRoom

HIDDEN = {"place", "meeting_url"}


async def test_events_about_a_draft_are_for_services_only_and_its_publishing_is_for_all(catalogue: Catalogue) -> None:
    [room_id] = await catalogue.publish(a_room(), host=uuid4())
    drafted, published = await catalogue.published(room_id)
    assert (drafted.routing_key, bool(drafted.internal), drafted.public) == ("rooms.room-drafted.v1", True, None)
    internal, public = json.loads(published.internal), json.loads(published.public)
    assert (public["type"], public["sequence"]) == ("practio.rooms.room-published.v1", "2")
    assert not HIDDEN & public["data"]["room"].keys()
    assert internal["data"]["room"]["meeting_url"] == "https://meet.example.org/heads"


async def test_a_loaded_room_equals_the_saved_one(catalogue: Catalogue) -> None:
    host = uuid4()
    stated = a_room(guidelines={"text": "Be kind\nand on time. 🌱"}, place="Málaga", steward_ids=[str(uuid4())])
    answer = await catalogue.send(CreateRoom.model_validate(stated), host)
    assert await catalogue.get(answer["state"]["room_id"], host) == answer["state"]


async def test_the_same_creation_again_changes_nothing(catalogue: Catalogue) -> None:
    host, stated = uuid4(), a_room()
    await catalogue.send(CreateRoom.model_validate(stated), host)
    again = await catalogue.send(CreateRoom.model_validate(stated), host)
    other = await catalogue.send(CreateRoom.model_validate(stated | {"title": "Other"}), host)
    assert (again["changed"], again["state"]["version"], other["code"]) == (False, 1, "id-taken")
    events = [row.routing_key for row in await catalogue.published(again["state"]["room_id"])]
    assert events == ["rooms.room-drafted.v1", "rooms.command-refused.v1"]


async def test_commands_of_one_batch_see_one_another(catalogue: Catalogue) -> None:
    host, stated = uuid4(), a_room()
    room_id = CreateRoom.model_validate(stated).room_id
    commands = [
        CreateRoom.model_validate(stated),
        ReviseRoom(room_id=room_id, title="Second"),
        PublishRoom(room_id=room_id),
        ReviseRoom(room_id=room_id, title="Third", expected_version=3),
        ReviseRoom(room_id=room_id, title="Never", expected_version=3),
        CloseRoom(room_id=room_id),
    ]
    answers = await catalogue.handle(*(received(command, actor=host) for command in commands))
    assert [answer["data"].get("code") for answer in answers] == [None, None, None, None, "version-conflict", None]
    shown = await catalogue.get(room_id, host)
    assert isinstance(shown, dict)
    assert (shown["title"], shown["status"], shown["version"]) == ("Third", "closed", 5)


async def test_a_draft_is_unknown_to_all_but_its_host(catalogue: Catalogue) -> None:
    host, steward = uuid4(), uuid4()
    created = await catalogue.send(CreateRoom.model_validate(a_room(steward_ids=[str(steward)])), host)
    room_id = created["state"]["room_id"]
    assert await catalogue.get(room_id, steward) == "room-unknown"
    refused = await catalogue.send(ReviseRoom(room_id=room_id, title="Mine"), steward)
    assert refused["code"] == (await catalogue.send(PublishRoom(room_id=uuid4()), steward))["code"] == "room-unknown"
    assert isinstance(await catalogue.get(room_id, host), dict)


async def test_a_room_is_created_by_a_person(catalogue: Catalogue) -> None:
    command = received(CreateRoom.model_validate(a_room()), actor=SYSTEM, account="practio-rooms")
    [answer] = await catalogue.handle(command)
    assert answer["data"]["code"] == "not-allowed"


async def test_place_and_link_are_for_those_in_the_room_and_its_offices(catalogue: Catalogue) -> None:
    host, steward, member = uuid4(), uuid4(), uuid4()
    [room_id] = await catalogue.publish(a_room(steward_ids=[str(steward)]), host=host)
    membership = a_membership(room_id, member)

    async def sees_link(person: UUID) -> bool:
        shown = await catalogue.get(room_id, person)
        assert isinstance(shown, dict)
        return shown.keys() >= HIDDEN

    assert [await sees_link(person) for person in (host, steward, member)] == [True, True, False]
    await catalogue.handle(joined(membership))
    assert await sees_link(member)
    await catalogue.handle(withdrawn(membership))
    assert not await sees_link(member)


async def test_people_in_a_room_are_known_whatever_the_order_of_events(catalogue: Catalogue) -> None:
    first, second = a_membership(uuid4(), uuid4()), a_membership(uuid4(), uuid4())
    await catalogue.handle(joined(first), withdrawn(first))
    await catalogue.handle(withdrawn(second), joined(second))
    await catalogue.handle(joined(second))
    ids = [str(first.membership_id), str(second.membership_id)]
    query = "SELECT * FROM presence WHERE membership_id = ANY(CAST(:ids AS uuid[]))"
    assert await catalogue.rows(query, ids=ids) == []


async def test_rooms_of_an_erased_person_pass_on_or_close(catalogue: Catalogue) -> None:
    host, facilitator = uuid4(), uuid4()
    followed, alone = await catalogue.publish(a_room(facilitator_ids=[str(facilitator)]), a_room(), host=host)
    erased = received(PersonErased(person_id=host), subject=str(host), sequence="9", actor=None)
    await catalogue.handle(erased)
    shown, closed = await catalogue.get(followed, facilitator), await catalogue.get(alone, facilitator)
    assert isinstance(shown, dict)
    assert isinstance(closed, dict)
    assert (shown["host_id"], shown["status"], closed["status"]) == (str(facilitator), "published", "closed")
    assert [row.routing_key for row in await catalogue.published(followed)][-1] == "rooms.host-changed.v1"
    assert [row.routing_key for row in await catalogue.published(alone)][-1] == "rooms.room-closed.v1"


async def test_occupancy_is_written_in_place_so_that_no_index_changes(catalogue: Catalogue) -> None:
    """A row that moves to another page gets an entry in every index again, the one of its words among them."""
    rooms = await catalogue.publish(*(a_room() for _ in range(30)), host=uuid4())

    async def pages() -> list[int]:
        query = "SELECT (ctid::text::point)[0] AS page FROM room WHERE room_id = ANY(:ids) ORDER BY room_id"
        return [int(row.page) for row in await catalogue.rows(query, ids=rooms)]

    before = await pages()
    await catalogue.handle(*(occupancy(room_id, taken=1, waiting=2) for room_id in rooms))
    assert await pages() == before
