"""Sessions that are over or cannot run are published once, by a timer, or by the sweep if that was lost."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.integration.rooms.catalogue import Catalogue, occupancy, withdrawn
from tests.integration.rooms.living import TRIAD, Living
from tests.integration.rooms.planning import a_session, change, internal, local, timers
from tests.support.clients.commands import a_room

from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_chassis.service import Running
from practio_contracts.rooms import (
    AcceptHandOver,
    Appoint,
    CancelSession,
    CreateRoom,
    Dismiss,
    Format,
    HandOver,
    Office,
    PlannedRole,
    PublishRoom,
    RescheduleSession,
    ReviseRoom,
    WatchSessions,
)
from practio_rooms.app import SERVICE
from practio_rooms.periodic.sweep import sweep_once
from practio_rooms.store.sweep import rooms_to_watch


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
    assert draft.room_id not in await sweep_once(running(catalogue))


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
    assert await room.events(session) == ["session-answered", "session-at-risk", "session-planned"]
    [_, event, _] = await catalogue.published(session)
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
    assert draft.room_id not in await sweep_once(running(catalogue), chunk=10_000)
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
    assert room.room_id in await sweep_once(running(catalogue))
    await watch(catalogue, room.room_id)
    assert await room.events(over) == ["session-over"]
    assert await room.events(risky) == ["session-at-risk"]
    assert room.room_id not in await sweep_once(running(catalogue))


def proposed(rows: list[Any]) -> list[dict[str, UUID]]:
    """Return whose turn it is by each event about a plan, by role."""
    plans = [json.loads(row.public)["data"] for row in rows if row.routing_key == "rooms.session-planned.v1"]
    assert all(each["roles"] == [] for each in plans)
    return [{role["name"]: UUID(role["person_id"]) for role in each["proposed_roles"]} for each in plans]


def in_hours(hours: int) -> datetime:
    """Return the wall-clock time in UTC so many hours from now."""
    return (datetime.now(UTC) + timedelta(hours=hours)).replace(tzinfo=None)


async def last_proposed(catalogue: Catalogue, session_id: UUID) -> list[str]:
    """Return the roles that the latest event about a plan proposes somebody for."""
    plans = [row for row in await catalogue.published(session_id) if row.routing_key == "rooms.session-planned.v1"]
    return [role["name"] for role in json.loads(plans[-1].public)["data"]["proposed_roles"]]


async def watch_if_due(catalogue: Catalogue, room_id: UUID) -> None:
    """Let the timer of a room come, if it is due."""
    [row] = await catalogue.rows(
        "SELECT due_at <= now() AS is_due FROM timer WHERE key = :key", key=f"watch-sessions:{room_id}"
    )
    assert row.is_due
    await watch(catalogue, room_id)


async def test_whose_turn_it_is_is_published_before_the_reminder_and_again_when_that_changes(
    catalogue: Catalogue,
) -> None:
    room = await Living.with_people(catalogue, 4, **TRIAD | {"capacity": 6})
    session = await room.session()
    await watch(catalogue, room.room_id)
    assert await room.events(session) == []
    move = RescheduleSession(room_id=room.room_id, session_id=session, starts_at=in_hours(47))
    await catalogue.send(move, room.host)
    await watch_if_due(catalogue, room.room_id)
    await watch(catalogue, room.room_id)
    [first] = proposed(await catalogue.published(session))
    assert (list(first), len(set(first.values()))) == (["coach", "coachee", "observer"], 3)
    seen = (await room.shown(session)).proposed_roles or []
    assert {each.name: each.person_id for each in seen} == first

    await room.answer(session, first["coach"], "no")
    await watch_if_due(catalogue, room.room_id)
    [_, second] = proposed(await catalogue.published(session))
    assert set(second.values()) == set(room.people) - {first["coach"]}

    await catalogue.handle(withdrawn(room.members[room.people.index(second["coachee"])]))
    await catalogue.handle(occupancy(room.room_id, taken=3))
    await watch_if_due(catalogue, room.room_id)
    [*_, third] = proposed(await catalogue.published(session))
    assert set(third.values()) == set(second.values()) - {second["coachee"]}


async def test_a_plan_that_fills_the_roles_is_published_without_a_proposal(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 3, **TRIAD)
    session = await room.session()
    await room.begins_in(session, hours=47)
    await watch(catalogue, room.room_id)
    roles = [
        {"name": name, "person_id": person} for name, person in zip(("coach", "coachee"), room.people, strict=False)
    ]
    await room.plan(session, roles=roles)
    [*_, event] = await catalogue.published(session)
    data = json.loads(event.public)["data"]
    assert data["roles"] == [{**each, "person_id": str(each["person_id"])} for each in roles]
    assert data["proposed_roles"] == [{"name": "observer", "person_id": str(room.people[2])}]
    count = len(await catalogue.published(session))
    await watch(catalogue, room.room_id)
    assert len(await catalogue.published(session)) == count
    assert (await room.shown(session)).roles == [PlannedRole.model_validate(each) for each in roles]


async def test_whose_turn_it_is_is_published_again_if_a_plan_of_a_moved_session_stated_nobody(
    catalogue: Catalogue,
) -> None:
    room = await Living.with_people(catalogue, 3, **TRIAD)
    session = await room.session()
    await room.begins_in(session, hours=40)
    await watch(catalogue, room.room_id)
    move = RescheduleSession(room_id=room.room_id, session_id=session, starts_at=local(9))
    await catalogue.send(move, room.host)
    await room.plan(session, guests=["Ada"])
    await room.begins_in(session, hours=47)
    await watch(catalogue, room.room_id)
    first, planned, again = proposed(await catalogue.published(session))
    assert (list(first), planned) == (["coach", "coachee", "observer"], {})
    assert again == first


async def test_nobody_is_proposed_any_more_once_a_room_is_no_triad(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 3, **TRIAD)
    session = await room.session(starts_at=in_hours(40))
    await watch(catalogue, room.room_id)
    revised = await catalogue.send(ReviseRoom(room_id=room.room_id, format=Format.INTERVISION), room.host)
    assert revised["state"]["format"] == "intervision", revised
    await watch_if_due(catalogue, room.room_id)
    first, second = proposed(await catalogue.published(session))
    assert (list(first), second) == (["coach", "coachee", "observer"], {})


async def test_somebody_is_proposed_for_the_role_of_who_holds_no_office_any_more(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 3, **TRIAD)
    session, guide = await room.session(starts_at=in_hours(40)), uuid4()
    about = {"room_id": room.room_id, "person_id": guide, "office": Office.FACILITATOR}
    await catalogue.send(Appoint.model_validate(about), room.host)
    await room.plan(session, roles=[{"name": "coach", "person_id": guide}, {"name": "coachee", "person_id": room.host}])
    await watch(catalogue, room.room_id)
    assert await last_proposed(catalogue, session) == ["observer"]

    await catalogue.send(Dismiss.model_validate(about), room.host)
    await watch_if_due(catalogue, room.room_id)
    assert await last_proposed(catalogue, session) == ["coach", "observer"]

    heir = room.people[0]
    await catalogue.send(HandOver(room_id=room.room_id, person_id=heir), room.host)
    await catalogue.send(AcceptHandOver(room_id=room.room_id, person_id=heir), heir)
    await watch_if_due(catalogue, room.room_id)
    assert await last_proposed(catalogue, session) == ["coach", "coachee", "observer"]


async def test_what_was_proposed_stands_once_a_date_has_begun(catalogue: Catalogue) -> None:
    room = await Living.with_people(catalogue, 4, **TRIAD | {"capacity": 6})
    session, following = await room.session(), await room.session(starts_at=local(9))
    await room.begins_in(session, hours=47)
    away = min(room.people)
    await room.answer(session, away, "no")
    await watch(catalogue, room.room_id)
    [turns] = proposed(await catalogue.published(session))
    await room.begins_in(session, minutes=-5)
    await change(catalogue, "DELETE FROM session_answer WHERE session_id = :it", it=session)
    await change(catalogue, "UPDATE passage SET joined_at = '2020-01-01' WHERE room_id = :room", room=room.room_id)
    seen = (await room.shown(session)).proposed_roles or []
    assert {each.name: each.person_id for each in seen} == turns
    await room.plan(session, roles=[{"name": "coach", "person_id": turns["coach"]}])
    seen = (await room.shown(session)).proposed_roles or []
    assert [each.name for each in seen] == ["coachee", "observer"]
    next_time = (await room.shown(following)).proposed_roles or []
    assert away in {each.person_id for each in next_time}
    assert (await room.shown(following)).roles == []
    await room.begins_in(session, hours=-5)
    assert (await room.shown(session)).proposed_roles == []
