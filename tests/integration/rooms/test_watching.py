"""Sessions that are over or cannot run are published once, by a timer, or by the sweep if that was lost."""

import json
from uuid import UUID, uuid4

from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.living import TRIAD, Living
from tests.integration.rooms.planning import a_session, change, internal, local, timers
from tests.support.clients.commands import a_room

from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_chassis.service import Running
from practio_contracts.rooms import CancelSession, CreateRoom, PublishRoom, RescheduleSession, WatchSessions
from practio_rooms.app import SERVICE
from practio_rooms.store.sweep import rooms_to_watch
from practio_rooms.timers import look_once


async def watch(catalogue: Catalogue, room_id: UUID) -> None:
    await catalogue.handle(internal(WatchSessions(room_id=room_id)))


def running(catalogue: Catalogue) -> Running:
    return Running(Transaction(SERVICE, session_maker(catalogue.pool)).background, None)


async def test_a_session_is_over_once_at_its_end(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 4)
    session = await room.session()
    await room.begins_in(session, minutes=-89)
    await change(catalogue, "DELETE FROM timer WHERE key LIKE :key", key=f"watch-sessions:{room.room_id}")
    await watch(catalogue, room.room_id)
    assert "session-over" not in await room.events(session)
    [row] = await catalogue.rows("SELECT ends_at FROM session WHERE session_id = :it", it=session)
    assert (await timers(catalogue, room.room_id))["watch-sessions"] == row.ends_at
    await room.begins_in(session, minutes=-90)
    await catalogue.handle(*(internal(WatchSessions(room_id=room.room_id)) for _ in range(2)))
    await watch(catalogue, room.room_id)
    assert (await room.events(session)).count("session-over") == 1


async def test_a_cancelled_session_is_never_over(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 4)
    session = await room.session()
    await catalogue.send(CancelSession(room_id=room.room_id, session_id=session), room.host)
    await room.begins_in(session, hours=-3)
    await watch(catalogue, room.room_id)
    assert await room.events(session) == []
    assert "watch-sessions" not in await timers(catalogue, room.room_id)


async def test_a_date_that_passed_in_a_draft_is_never_over(catalogue: Catalogue) -> None:
    host = uuid4()
    draft = CreateRoom.model_validate(a_room(time_zone="UTC"))
    command = a_session(draft.room_id)
    await catalogue.send(draft, host)
    await catalogue.send(command, host)
    assert "watch-sessions" not in await timers(catalogue, draft.room_id)
    past = "starts_at = now() - interval '3 hours', ends_at = now() - interval '2 hours'"
    await change(catalogue, f"UPDATE session SET {past} WHERE session_id = :session", session=command.session_id)
    await catalogue.send(PublishRoom(room_id=draft.room_id), host)
    await watch(catalogue, draft.room_id)
    assert await catalogue.published(command.session_id) == []
    assert draft.room_id not in await look_once(running(catalogue))


async def test_a_triad_without_its_roles_is_at_risk_once_for_each_time_that_it_has(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 3, **TRIAD)
    session = await room.session()
    due = (await timers(catalogue, room.room_id))["watch-sessions"]
    [[starts_at]] = await catalogue.rows("SELECT starts_at FROM session WHERE session_id = :it", it=session)
    assert (starts_at - due).total_seconds() == 48 * 3600
    await room.answer(session, room.people[0], "no")
    await room.begins_in(session, hours=48, minutes=1)
    await watch(catalogue, room.room_id)
    assert await room.events(session) == ["session-answered"]
    await room.begins_in(session, hours=47)
    for _ in range(2):
        await watch(catalogue, room.room_id)
    assert await room.events(session) == ["session-answered", "session-at-risk"]
    [_, event] = await catalogue.published(session)
    data = json.loads(event.public)["data"]
    assert (data["missing_roles"], data["people_needed"]) == (["observer"], 1)
    assert data["coming"] == {"yes": 0, "no": 1, "maybe": 0, "unanswered": 2}

    move = RescheduleSession(room_id=room.room_id, session_id=session, starts_at=local(9))
    await catalogue.send(move, room.host)
    await watch(catalogue, room.room_id)
    await room.begins_in(session, hours=47)
    await room.answer(session, room.people[0], "yes")
    await watch(catalogue, room.room_id)
    assert (await room.events(session)).count("session-at-risk") == 1


async def test_a_session_that_is_planned_within_two_days_is_not_looked_at(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 0)
    session = await room.session(starts_at=local(1))
    await watch(catalogue, room.room_id)
    assert await room.events(session) == []


async def test_the_sweep_takes_the_rooms_first_that_wait_longest(catalogue: Catalogue) -> None:
    waiting = {}
    for days in (1, 400, 30):
        room = await Living.with_people(catalogue, 0)
        for _ in range(2):
            await room.begins_in(await room.session(), days=-days)
        waiting[days] = room.room_id
    async with session_maker(catalogue.pool)() as session:
        found = await rooms_to_watch(session, most=10_000)
        assert len(found) == len(set(found))
        assert [each for each in found if each in waiting.values()] == [waiting[days] for days in (400, 30, 1)]
        assert (await rooms_to_watch(session, most=1)) == found[:1]


async def test_a_session_of_a_draft_is_never_at_risk(catalogue: Catalogue) -> None:
    host = uuid4()
    draft = CreateRoom.model_validate(a_room(time_zone="UTC", **TRIAD))
    command = a_session(draft.room_id)
    await catalogue.send(draft, host)
    await catalogue.send(command, host)
    soon = "starts_at = now() + interval '40 hours', ends_at = now() + interval '42 hours'"
    await change(catalogue, f"UPDATE session SET {soon} WHERE session_id = :it", it=command.session_id)
    await watch(catalogue, draft.room_id)
    assert draft.room_id not in await look_once(running(catalogue), lot=10_000)
    assert await catalogue.published(command.session_id) == []
    assert "watch-sessions" not in await timers(catalogue, draft.room_id)

    await catalogue.send(PublishRoom(room_id=draft.room_id), host)
    await watch(catalogue, draft.room_id)
    assert await catalogue.published(command.session_id) == [], "its host knows when it is so near"


async def test_what_was_lost_heals_and_invariants_agree(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 2)
    over, risky = await room.session(), await room.session(starts_at=local(8))
    await room.begins_in(over, hours=-3)
    await room.begins_in(risky, hours=40)
    await change(catalogue, "DELETE FROM timer WHERE key LIKE :key", key=f"watch-sessions:{room.room_id}")
    found = await catalogue.rows("SELECT session_id FROM session_to_watch WHERE room_id = :room", room=room.room_id)
    assert {row.session_id for row in found} == {over, risky}
    assert room.room_id in await look_once(running(catalogue))
    await watch(catalogue, room.room_id)
    assert await room.events(over) == ["session-over"]
    assert await room.events(risky) == ["session-at-risk"]
    assert room.room_id not in await look_once(running(catalogue))
