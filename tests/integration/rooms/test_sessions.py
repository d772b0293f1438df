"""Sessions and series, through the service's handlers, into PostgreSQL, the outbox and the timers."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, text
from tests.integration.rooms.catalogue import Catalogue, a_membership, joined
from tests.support.desk import heard
from tests.support.wishes import a_room

from practio_chassis.database import session_maker
from practio_chassis.heard import Heard
from practio_chassis.tables import frame_of
from practio_chassis.timers import Timers
from practio_chassis.transaction import Transaction
from practio_contracts.envelope import SYSTEM
from practio_contracts.message import Message, OwnCommand
from practio_contracts.people import PersonErased
from practio_contracts.rooms import (
    ArchiveRoom,
    CancelRoom,
    CancelSession,
    CreateRoom,
    DiscardDraft,
    GetRoom,
    PassSession,
    PublishRoom,
    RescheduleSession,
    ReviseRoom,
    RoomShown,
    ScheduleSession,
    TopUpSeries,
)
from practio_rooms import queries
from practio_rooms.app import SERVICE

PRIVATE = {"place", "meeting_url"}


def local(days: float, *, hour: int = 18) -> str:
    """Give a wall-clock time in UTC so many days from now."""
    there = datetime.now(UTC) + timedelta(days=days)
    return there.replace(hour=hour, minute=0, second=0, microsecond=0, tzinfo=None).isoformat()


def a_session(room_id: UUID, **fields: Any) -> ScheduleSession:
    stated = {"room_id": room_id, "session_id": uuid4(), "starts_at": local(7), "duration_minutes": 90}
    return ScheduleSession.model_validate(stated | fields)


def a_series(room_id: UUID, rrule: str = "FREQ=WEEKLY", **fields: Any) -> ScheduleSession:
    return a_session(room_id, recurrence={"rrule": rrule}, **fields)


def own(command: OwnCommand) -> Heard[Message]:
    """Give a wish of the service to itself."""
    return heard(command, actor=SYSTEM, account="practio-rooms", source="/practio/rooms")


async def a_published_room(catalogue: Catalogue, host: UUID, **fields: Any) -> UUID:
    [room_id] = await catalogue.publish(a_room(time_zone="UTC", **fields), host=host)
    return room_id


async def shown(catalogue: Catalogue, room_id: UUID, by: UUID) -> dict[str, Any]:
    """Ask for a room with its sessions, at this instant."""
    question: Heard[Any] = heard(GetRoom(room_id=room_id), actor=by)
    async with session_maker(catalogue.pool)() as session:
        answer = await queries.get_room(question, session, datetime.now(UTC))
    assert isinstance(answer, RoomShown), answer
    return answer.model_dump(mode="json")


async def sessions(catalogue: Catalogue, room_id: UUID) -> Sequence[Row[Any]]:
    return await catalogue.rows("SELECT * FROM session WHERE room_id = :room_id ORDER BY starts_at", room_id=room_id)


async def timers(catalogue: Catalogue, about: UUID) -> dict[str, datetime]:
    """Give when the timers of a room, or of a series, are due."""
    found = await catalogue.rows("SELECT key, due_at FROM timer WHERE key LIKE :key", key=f"%{about}%")
    return {row.key.split(":")[0]: row.due_at for row in found}


async def change(catalogue: Catalogue, statement: str, **values: Any) -> None:
    """Change rows behind the service's back, as where time has passed."""
    async with catalogue.pool.begin() as connection:
        await connection.execute(text(statement), values)


def keys(said: Sequence[Row[Any]]) -> list[str]:
    return [row.routing_key.split(".")[1] for row in said]


async def test_a_session_is_told_whole_to_services_and_without_place_and_link_to_all(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    wish = a_session(room_id, place="Via Po 1", meeting_url="https://meet.example.org/once", topic="Cases")
    answer = await catalogue.wish(wish, host)
    assert (answer["changed"], answer["state"]["session_id"]) == (True, str(wish.session_id))
    *_, fact = await catalogue.said(room_id)
    internal, public = json.loads(fact.internal), json.loads(fact.public)
    assert (public["type"], public["subject"], public["sequence"]) == (
        "practio.rooms.session-scheduled.v1",
        str(room_id),
        "3",
    )
    assert internal["data"]["session"] == answer["state"]
    assert internal["data"]["session"].keys() - public["data"]["session"].keys() == PRIVATE
    assert internal["data"]["room"]["version"] == 3
    assert public["data"]["room"]["next_session_at"] == answer["state"]["starts_at"]


async def test_a_series_is_12_weeks_of_sessions_with_a_fact_each_and_two_timers(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    wish = a_series(room_id, "FREQ=DAILY")
    await catalogue.wish(wish, host)
    rows = await sessions(catalogue, room_id)
    facts = [json.loads(row.public) for row in (await catalogue.said(room_id))[2:]]
    assert len(rows) == len(facts) == 77 + (datetime.now(UTC).hour >= 18)
    assert [fact["sequence"] for fact in facts] == [str(number) for number in range(3, 3 + len(facts))]
    assert [fact["data"]["session"]["session_id"] for fact in facts] == [str(row.session_id) for row in rows]
    due = await timers(catalogue, room_id)
    assert due["next-session"] == rows[0].starts_at
    assert timedelta(0) < due["top-up"] - datetime.now(UTC) <= timedelta(days=1)


async def test_the_same_wish_changes_nothing_and_an_id_is_taken_in_every_room(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id, other = await a_published_room(catalogue, host), await a_published_room(catalogue, host)
    wish = a_series(room_id)
    await catalogue.wish(wish, host)
    again = await catalogue.wish(wish, host)
    assert (again["changed"], again["state"]["session_id"]) == (False, str(wish.session_id))
    assert (await catalogue.wish(wish.model_copy(update={"topic": "Other"}), host))["code"] == "id-taken"
    assert (await catalogue.wish(wish.model_copy(update={"room_id": other}), host))["code"] == "id-taken"


async def test_nobody_can_take_the_ids_that_a_series_will_give(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id, other = await a_published_room(catalogue, host), await a_published_room(catalogue, host)
    wish = a_series(room_id)
    await catalogue.wish(wish, host)
    last = (await sessions(catalogue, room_id))[-1]
    await change(catalogue, "DELETE FROM session WHERE session_id = :it", it=last.session_id)
    await change(catalogue, "UPDATE series SET planned_until = planned_until - interval '1 week' WHERE room_id = :it",
                 it=room_id)  # fmt: skip
    taken = await catalogue.wish(a_session(other, session_id=last.session_id), host)
    topped_up = await catalogue.take(own(TopUpSeries(room_id=room_id, series_id=wish.session_id)))
    assert (taken["changed"], topped_up[0]["data"]["changed"]) == (True, True)
    assert (await sessions(catalogue, room_id))[-1].session_id == last.session_id


async def test_wishes_of_one_batch_see_one_another(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    wish = a_series(room_id)
    named = {"room_id": room_id, "session_id": wish.session_id}
    batch = [
        wish,
        RescheduleSession.model_validate(named | {"starts_at": local(8), "scope": "following"}),
        wish,
        CancelSession.model_validate(named),
        CancelSession.model_validate(named),
    ]
    answers = await catalogue.take(*(heard(each, actor=host) for each in batch))
    assert [answer["data"]["changed"] for answer in answers] == [True, True, False, True, False]
    rows = await sessions(catalogue, room_id)
    assert [row.status for row in rows] == ["cancelled", *(["scheduled"] * (len(rows) - 1))]
    assert {(row.starts_at - row.ruled_at.replace(tzinfo=UTC)).days for row in rows} == {1}


async def test_what_was_moved_and_called_off_is_read_back_and_topping_up_leaves_it(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    wish = a_series(room_id)
    await catalogue.wish(wish, host)
    before = await sessions(catalogue, room_id)
    moved, cancelled = before[-2].session_id, before[-1].session_id
    await catalogue.wish(RescheduleSession(room_id=room_id, session_id=moved, starts_at=local(3)), host)
    await catalogue.wish(CancelSession(room_id=room_id, session_id=cancelled, reason="Snow"), host)
    assert (await shown(catalogue, room_id, host))["room"]["next_session_at"][:10] == local(3)[:10]
    assert (await timers(catalogue, room_id))["next-session"].isoformat()[:10] == local(3)[:10]

    back = "UPDATE series SET planned_until = planned_until - interval '3 weeks' WHERE room_id = :room_id"
    await change(catalogue, back, room_id=room_id)
    [answer] = await catalogue.take(own(TopUpSeries(room_id=room_id, series_id=wish.session_id)))
    after = await sessions(catalogue, room_id)
    assert answer["data"]["changed"] is False
    assert sorted(row.session_id for row in after) == sorted(row.session_id for row in before)
    assert {row.session_id: row.revision for row in after if row.revision} == {moved: 1, cancelled: 1}


async def test_topping_up_plans_what_is_missing_once_and_sets_its_timer_anew(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    wish = a_series(room_id)
    await catalogue.wish(wish, host)
    before = await sessions(catalogue, room_id)
    await change(
        catalogue, "DELETE FROM session WHERE room_id = :it AND starts_at > now() + interval '9 weeks'", it=room_id
    )
    await change(
        catalogue, "UPDATE series SET planned_until = now() + interval '9 weeks' WHERE room_id = :it", it=room_id
    )
    await change(
        catalogue, "UPDATE timer SET due_at = now() WHERE key LIKE 'top-up:%' AND key LIKE :it", it=f"%{room_id}%"
    )
    await Timers(
        frame=frame_of(SERVICE.metadata), transaction=Transaction(SERVICE, session_maker(catalogue.pool))
    ).fire()
    fired = await catalogue.rows(
        "SELECT internal FROM outbox WHERE routing_key = 'rooms.top-up-series.v1' AND subject LIKE :it",
        it=f"%{room_id}%",
    )
    [wished] = [json.loads(row.internal)["data"] for row in fired]
    answers = await catalogue.take(own(TopUpSeries.model_validate(wished)), own(TopUpSeries.model_validate(wished)))
    assert [answer["data"]["changed"] for answer in answers] == [True, False]
    assert [row.session_id for row in await sessions(catalogue, room_id)] == [row.session_id for row in before]
    assert (await timers(catalogue, room_id))["top-up"] > datetime.now(UTC)


async def test_when_a_session_begins_the_next_one_is_told(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    first, second = a_session(room_id, starts_at=local(1)), a_session(room_id, starts_at=local(2))
    await catalogue.wish(first, host)
    await catalogue.wish(second, host)
    begun = "UPDATE session SET starts_at = now() - interval '1 second' WHERE session_id = :it"
    await change(catalogue, begun, it=first.session_id)
    answers = await catalogue.take(own(PassSession(room_id=room_id)), own(PassSession(room_id=room_id)))
    assert [answer["data"]["changed"] for answer in answers] == [True, False]
    fact = json.loads((await catalogue.said(room_id))[-1].public)
    assert (fact["type"], fact["data"]["changed_fields"]) == ("practio.rooms.room-revised.v1", ["next_session_at"])
    [_, coming] = await sessions(catalogue, room_id)
    assert (await timers(catalogue, room_id))["next-session"] == coming.starts_at
    await change(catalogue, begun, it=second.session_id)
    await catalogue.take(own(PassSession(room_id=room_id)))
    whole = await shown(catalogue, room_id, host)
    assert whole["room"]["next_session_at"] is None
    assert len(whole["sessions"]) == 2
    assert await timers(catalogue, room_id) == {}
    assert (await catalogue.wish(CancelSession(room_id=room_id, session_id=first.session_id), host))[
        "code"
    ] == "session-past"


async def test_sessions_of_a_draft_are_told_when_it_is_published(catalogue: Catalogue) -> None:
    host, facilitator = uuid4(), uuid4()
    created = CreateRoom.model_validate(a_room(time_zone="UTC", facilitator_ids=[str(facilitator)]))
    await catalogue.wish(created, host)
    room_id = created.room_id
    assert (await catalogue.wish(a_session(room_id), facilitator))["code"] == "room-unknown"
    wish = a_series(room_id, "FREQ=WEEKLY;COUNT=3")
    assert (await catalogue.wish(wish, host))["changed"]
    drafted, revised = [row for row in await catalogue.said(room_id) if "command" not in row.routing_key]
    assert (keys([revised]), revised.public) == (["room-revised"], None)
    answer = await catalogue.wish(PublishRoom(room_id=room_id), host)
    said = (await catalogue.said(room_id))[-4:]
    assert keys(said) == ["room-published", *["session-scheduled"] * 3]
    assert answer["state"]["version"] == 6 == int(json.loads(said[-1].public)["sequence"])
    assert drafted.public is None


async def test_a_draft_that_is_discarded_takes_its_sessions_along(catalogue: Catalogue) -> None:
    host = uuid4()
    created = CreateRoom.model_validate(a_room(time_zone="UTC"))
    await catalogue.wish(created, host)
    wishes = [a_series(created.room_id), DiscardDraft(room_id=created.room_id)]
    await catalogue.wish(a_series(created.room_id, "FREQ=DAILY"), host)
    answers = await catalogue.take(*(heard(wish, actor=host) for wish in wishes))
    assert [answer["data"]["changed"] for answer in answers] == [True, True]
    assert await sessions(catalogue, created.room_id) == []
    assert await timers(catalogue, created.room_id) == {}
    [late] = await catalogue.take(own(TopUpSeries(room_id=created.room_id, series_id=wishes[0].session_id)))  # type: ignore[union-attr]
    assert late["data"]["code"] == "room-unknown"


async def test_a_draft_that_nobody_follows_in_takes_its_sessions_along(catalogue: Catalogue) -> None:
    host = uuid4()
    created = CreateRoom.model_validate(a_room(time_zone="UTC"))
    await catalogue.wish(created, host)
    await catalogue.wish(a_series(created.room_id), host)
    await catalogue.take(heard(PersonErased(person_id=host), subject=str(host), sequence="9", actor=None))
    assert await sessions(catalogue, created.room_id) == []
    assert await timers(catalogue, created.room_id) == {}


async def test_a_room_that_ends_calls_its_sessions_off(catalogue: Catalogue) -> None:
    host = uuid4()
    for end in (CancelRoom, ArchiveRoom):
        room_id = await a_published_room(catalogue, host)
        await catalogue.wish(a_series(room_id, "FREQ=WEEKLY;COUNT=3"), host)
        reason = {"reason": "No interest"} if end is CancelRoom else {}
        answer = await catalogue.wish(end.model_validate({"room_id": room_id} | reason), host)
        said = [json.loads(row.public) for row in (await catalogue.said(room_id))[-3:]]
        assert {fact["type"] for fact in said} == {"practio.rooms.session-cancelled.v1"}
        assert {fact["data"]["reason"] for fact in said} == {reason.get("reason")}
        assert answer["state"]["next_session_at"] is None
        assert answer["state"]["version"] == said[-1]["data"]["room"]["version"]
        assert await timers(catalogue, room_id) == {}
        refused = await catalogue.wish(a_session(room_id), host)
        assert refused["code"] == "not-in-this-state"


async def test_a_room_is_shown_with_its_next_20_sessions_their_place_for_those_in_it_alone(
    catalogue: Catalogue,
) -> None:
    host, member, stranger = uuid4(), uuid4(), uuid4()
    room_id = await a_published_room(catalogue, host)
    await catalogue.wish(a_series(room_id, "FREQ=DAILY", place="Via Po 1"), host)
    for row in (await sessions(catalogue, room_id))[:2]:
        await catalogue.wish(CancelSession(room_id=room_id, session_id=row.session_id), host)
    await catalogue.take(joined(a_membership(room_id, member)))
    expected = [str(row.session_id) for row in (await sessions(catalogue, room_id))[2:22]]
    for person, sees in ((host, PRIVATE), (member, PRIVATE), (stranger, set())):
        listed = (await shown(catalogue, room_id, person))["sessions"]
        assert [each["session_id"] for each in listed] == expected
        assert PRIVATE & set().union(*listed) == sees


async def test_an_answer_holds_as_many_sessions_as_fit(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host, purpose="字" * 10_000, for_whom="字" * 10_000)
    long = {"place": "🏠" * 1_000, "meeting_url": f"https://example.org/{'字' * 1_900}"}
    await catalogue.wish(a_series(room_id, "FREQ=DAILY", **long), host)
    whole = await shown(catalogue, room_id, host)
    assert 5 < len(whole["sessions"]) < 20
    assert len(json.dumps(whole, ensure_ascii=False).encode()) < 256 * 1024 - 4_096


async def test_a_new_zone_of_the_room_leaves_what_is_planned_as_it_is(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    await catalogue.wish(a_series(room_id), host)
    before = [row.starts_at for row in await sessions(catalogue, room_id)]
    await catalogue.wish(ReviseRoom(room_id=room_id, time_zone="Asia/Tokyo"), host)
    other = await catalogue.wish(a_session(room_id, starts_at=local(30)), host)
    rows = await sessions(catalogue, room_id)
    assert [row.starts_at for row in rows if row.series_id] == before
    assert (other["state"]["time_zone"], other["state"]["starts_at"][11:16]) == ("Asia/Tokyo", "09:00")


async def test_no_question_about_sessions_reads_the_whole_table(catalogue: Catalogue) -> None:
    fill = """
        INSERT INTO session (room_id, session_id, starts_at, ends_at, time_zone, status, revision, has_own_time, asked)
        SELECT room_id, gen_random_uuid(), now() + n * interval '1 hour', now() + (n + 1) * interval '1 hour', 'UTC',
               'scheduled', 0, false, ''
        FROM room, generate_series(1, 2000) AS n WHERE room_id = ANY(CAST(:rooms AS uuid[]))"""
    host = uuid4()
    rooms = [str(await a_published_room(catalogue, host)) for _ in range(10)]
    asked = {
        "to come": "room_id = ANY(ARRAY[CAST('{0}' AS uuid)]) AND starts_at > now() AND status = 'scheduled'",
        "named": "session_id = ANY(ARRAY[CAST('{0}' AS uuid)])",
        "shown": "room_id = '{0}' AND starts_at > now() AND ends_at > now() ORDER BY starts_at, session_id LIMIT 20",
    }
    async with catalogue.pool.connect() as connection:
        await connection.execute(text(fill), {"rooms": rooms})
        await connection.execute(text("ANALYZE session"))
        for where in asked.values():
            explain = f"EXPLAIN SELECT * FROM session WHERE {where.format(rooms[0])}"
            plan = "\n".join((await connection.exec_driver_sql(explain)).scalars())
            assert "Seq Scan" not in plan, plan
        await connection.rollback()
