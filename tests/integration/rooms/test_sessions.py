"""Sessions, through the service's handlers, into PostgreSQL, the outbox and the timers."""

import json
from datetime import UTC
from uuid import uuid4

from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.planning import (
    PRIVATE,
    a_published_room,
    a_series,
    a_session,
    change,
    internal,
    local,
    sessions,
    shown,
    timers,
)
from tests.support.stack.example_service import received

from practio_contracts.rooms import CancelSession, PassSession, RescheduleSession, ReviseRoom, ReviseSession


async def test_a_session_is_published_complete_to_services_and_without_place_and_link_to_all(
    catalogue: Catalogue,
) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    command = a_session(room_id, place="Via Po 1", meeting_url="https://meet.example.org/once", topic="Cases")
    answer = await catalogue.send(command, host)
    assert (answer["changed"], answer["state"]["session_id"]) == (True, str(command.session_id))
    *_, event = await catalogue.published(room_id)
    internal, public = json.loads(event.internal), json.loads(event.public)
    assert (public["type"], public["subject"], public["sequence"]) == (
        "practio.rooms.session-scheduled.v1",
        str(room_id),
        "3",
    )
    assert internal["data"]["session"] == answer["state"]
    assert internal["data"]["session"].keys() - public["data"]["session"].keys() == PRIVATE
    assert internal["data"]["room"]["version"] == 3
    assert public["data"]["room"]["next_session_at"] == answer["state"]["starts_at"]


async def test_the_same_command_changes_nothing_and_an_id_is_taken_in_every_room(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id, other = await a_published_room(catalogue, host), await a_published_room(catalogue, host)
    command = a_series(room_id)
    await catalogue.send(command, host)
    again = await catalogue.send(command, host)
    assert (again["changed"], again["state"]["session_id"]) == (False, str(command.session_id))
    assert (await catalogue.send(command.model_copy(update={"topic": "Other"}), host))["code"] == "id-taken"
    assert (await catalogue.send(command.model_copy(update={"room_id": other}), host))["code"] == "id-taken"


async def test_commands_of_one_batch_see_one_another(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    command = a_series(room_id)
    named = {"room_id": room_id, "session_id": command.session_id}
    batch = [
        command,
        RescheduleSession.model_validate(named | {"starts_at": local(8), "scope": "following"}),
        command,
        CancelSession.model_validate(named),
        CancelSession.model_validate(named),
    ]
    answers = await catalogue.handle(*(received(each, actor=host) for each in batch))
    assert [answer["data"]["changed"] for answer in answers] == [True, True, False, True, False]
    rows = await sessions(catalogue, room_id)
    assert [row.status for row in rows] == ["cancelled", *(["scheduled"] * (len(rows) - 1))]
    assert {(row.starts_at - row.ruled_at.replace(tzinfo=UTC)).days for row in rows} == {1}


async def test_a_revision_of_a_series_is_stored_and_published_for_each_date(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    command = a_series(room_id, place="Via Po 1", topic="Cases")
    await catalogue.send(command, host)
    before = await catalogue.published(room_id)
    stated = {"room_id": room_id, "session_id": command.session_id, "place": None, "scope": "following"}
    answer = await catalogue.send(ReviseSession.model_validate(stated), host)
    assert (answer["changed"], answer["state"]["place"], answer["state"]["revision"]) == (True, None, 1)
    assert {(row.place, row.topic, row.revision) for row in await sessions(catalogue, room_id)} == {(None, "Cases", 1)}
    published = (await catalogue.published(room_id))[len(before) :]
    assert len(published) == len(await sessions(catalogue, room_id))
    assert {each.routing_key for each in published} == {"rooms.session-revised.v1"}
    assert {tuple(json.loads(each.public)["data"]["changed_fields"]) for each in published} == {("place",)}
    assert (await catalogue.send(ReviseSession.model_validate(stated), host))["changed"] is False
    [series] = await catalogue.rows("SELECT place, topic FROM series WHERE room_id = :id", id=room_id)
    assert (series.place, series.topic) == (None, "Cases")


async def test_when_a_session_begins_the_next_one_is_published(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    first, second = a_session(room_id, starts_at=local(1)), a_session(room_id, starts_at=local(2))
    await catalogue.send(first, host)
    await catalogue.send(second, host)
    begun = "UPDATE session SET starts_at = now() - interval '1 second' WHERE session_id = :it"
    await change(catalogue, begun, it=first.session_id)
    answers = await catalogue.handle(internal(PassSession(room_id=room_id)), internal(PassSession(room_id=room_id)))
    assert [answer["data"]["changed"] for answer in answers] == [True, False]
    event = json.loads((await catalogue.published(room_id))[-1].public)
    assert (event["type"], event["data"]["changed_fields"]) == ("practio.rooms.room-revised.v1", ["next_session_at"])
    [_, coming] = await sessions(catalogue, room_id)
    assert (await timers(catalogue, room_id))["next-session"] == coming.starts_at
    await change(catalogue, begun, it=second.session_id)
    await catalogue.handle(internal(PassSession(room_id=room_id)))
    whole = await shown(catalogue, room_id, host)
    assert whole["room"]["next_session_at"] is None
    assert len(whole["sessions"]) == 2
    assert (await timers(catalogue, room_id)).keys() == {"watch-sessions"}
    assert (await catalogue.send(CancelSession(room_id=room_id, session_id=first.session_id), host))[
        "code"
    ] == "session-past"


async def test_a_new_zone_of_the_room_leaves_planned_sessions_as_they_are(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    await catalogue.send(a_series(room_id), host)
    before = [row.starts_at for row in await sessions(catalogue, room_id)]
    await catalogue.send(ReviseRoom(room_id=room_id, time_zone="Asia/Tokyo"), host)
    other = await catalogue.send(a_session(room_id, starts_at=local(30)), host)
    rows = await sessions(catalogue, room_id)
    assert [row.starts_at for row in rows if row.series_id] == before
    assert (other["state"]["time_zone"], other["state"]["starts_at"][11:16]) == ("Asia/Tokyo", "09:00")
