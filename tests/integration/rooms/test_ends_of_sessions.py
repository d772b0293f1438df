"""The sessions of a room that is published, discarded or ended."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Row
from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.planning import a_published_room, a_series, a_session, internal, sessions, timers
from tests.support.clients.commands import a_room
from tests.support.stack.example_service import received

from practio_contracts.people import PersonErased
from practio_contracts.rooms import ArchiveRoom, CancelRoom, CreateRoom, DiscardDraft, PublishRoom, TopUpSeries


def keys(events: Sequence[Row[Any]]) -> list[str]:
    return [row.routing_key.split(".")[1] for row in events]


async def test_sessions_of_a_draft_are_published_when_it_is_published(catalogue: Catalogue) -> None:
    host, facilitator = uuid4(), uuid4()
    created = CreateRoom.model_validate(a_room(time_zone="UTC", facilitator_ids=[str(facilitator)]))
    await catalogue.send(created, host)
    room_id = created.room_id
    assert (await catalogue.send(a_session(room_id), facilitator))["code"] == "room-unknown"
    command = a_series(room_id, "FREQ=WEEKLY;COUNT=3")
    assert (await catalogue.send(command, host))["changed"]
    drafted, revised = [row for row in await catalogue.published(room_id) if "command" not in row.routing_key]
    assert (keys([revised]), revised.public) == (["room-revised"], None)
    answer = await catalogue.send(PublishRoom(room_id=room_id), host)
    events = (await catalogue.published(room_id))[-4:]
    assert keys(events) == ["room-published", *["session-scheduled"] * 3]
    assert answer["state"]["version"] == 6 == int(json.loads(events[-1].public)["sequence"])
    assert drafted.public is None


async def test_a_draft_that_is_discarded_takes_its_sessions_along(catalogue: Catalogue) -> None:
    host = uuid4()
    created = CreateRoom.model_validate(a_room(time_zone="UTC"))
    await catalogue.send(created, host)
    series = a_series(created.room_id)
    commands = [series, DiscardDraft(room_id=created.room_id)]
    await catalogue.send(a_series(created.room_id, "FREQ=DAILY"), host)
    answers = await catalogue.handle(*(received(command, actor=host) for command in commands))
    assert [answer["data"]["changed"] for answer in answers] == [True, True]
    assert await sessions(catalogue, created.room_id) == []
    assert await timers(catalogue, created.room_id) == {}
    [late] = await catalogue.handle(internal(TopUpSeries(room_id=created.room_id, series_id=series.session_id)))
    assert late["data"]["code"] == "room-unknown"


async def test_a_draft_without_a_successor_takes_its_sessions_along(catalogue: Catalogue) -> None:
    host = uuid4()
    created = CreateRoom.model_validate(a_room(time_zone="UTC"))
    await catalogue.send(created, host)
    await catalogue.send(a_series(created.room_id), host)
    await catalogue.handle(received(PersonErased(person_id=host), subject=str(host), sequence="9", actor=None))
    assert await sessions(catalogue, created.room_id) == []
    assert await timers(catalogue, created.room_id) == {}


async def test_a_room_that_ends_calls_its_sessions_off(catalogue: Catalogue) -> None:
    host = uuid4()
    for end in (CancelRoom, ArchiveRoom):
        room_id = await a_published_room(catalogue, host)
        await catalogue.send(a_series(room_id, "FREQ=WEEKLY;COUNT=3"), host)
        reason = {"reason": "No interest"} if end is CancelRoom else {}
        answer = await catalogue.send(end.model_validate({"room_id": room_id} | reason), host)
        events = [json.loads(row.public) for row in (await catalogue.published(room_id))[-3:]]
        assert {event["type"] for event in events} == {"practio.rooms.session-cancelled.v1"}
        assert {event["data"]["reason"] for event in events} == {reason.get("reason")}
        assert answer["state"]["next_session_at"] is None
        assert answer["state"]["version"] == events[-1]["data"]["room"]["version"]
        assert await timers(catalogue, room_id) == {}
        refused = await catalogue.send(a_session(room_id), host)
        assert refused["code"] == "not-in-this-state"
