"""Series of sessions: planned twelve weeks ahead, topped up, with ids that nobody else can take."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.planning import (
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

from practio_chassis.database.engine import session_maker
from practio_chassis.database.tables import chassis_tables_of
from practio_chassis.handling.timers import Timers
from practio_chassis.handling.transaction import Transaction
from practio_contracts.rooms import CancelSession, RescheduleSession, TopUpSeries
from practio_rooms.app import SERVICE


async def test_a_series_is_12_weeks_of_sessions_with_an_event_each_and_two_timers(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    command = a_series(room_id, "FREQ=DAILY")
    await catalogue.send(command, host)
    rows = await sessions(catalogue, room_id)
    events = [json.loads(row.public) for row in (await catalogue.published(room_id))[2:]]
    assert len(rows) == len(events) == 77 + (datetime.now(UTC).hour >= 18)
    assert [event["sequence"] for event in events] == [str(number) for number in range(3, 3 + len(events))]
    assert [event["data"]["session"]["session_id"] for event in events] == [str(row.session_id) for row in rows]
    due = await timers(catalogue, room_id)
    assert due["next-session"] == rows[0].starts_at
    assert timedelta(0) < due["top-up"] - datetime.now(UTC) <= timedelta(days=1)


async def test_nobody_can_take_the_ids_that_a_series_will_give(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id, other = await a_published_room(catalogue, host), await a_published_room(catalogue, host)
    command = a_series(room_id)
    await catalogue.send(command, host)
    last = (await sessions(catalogue, room_id))[-1]
    await change(catalogue, "DELETE FROM session WHERE session_id = :it", it=last.session_id)
    await change(catalogue, "UPDATE series SET planned_until = planned_until - interval '1 week' WHERE room_id = :it",
                 it=room_id)  # fmt: skip
    taken = await catalogue.send(a_session(other, session_id=last.session_id), host)
    topped_up = await catalogue.handle(internal(TopUpSeries(room_id=room_id, series_id=command.session_id)))
    assert (taken["changed"], topped_up[0]["data"]["changed"]) == (True, True)
    assert (await sessions(catalogue, room_id))[-1].session_id == last.session_id


async def test_topping_up_leaves_moved_and_cancelled_sessions_as_they_are(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    command = a_series(room_id)
    await catalogue.send(command, host)
    before = await sessions(catalogue, room_id)
    moved, cancelled = before[-2].session_id, before[-1].session_id
    await catalogue.send(RescheduleSession(room_id=room_id, session_id=moved, starts_at=local(3)), host)
    await catalogue.send(CancelSession(room_id=room_id, session_id=cancelled, reason="Snow"), host)
    assert (await shown(catalogue, room_id, host))["room"]["next_session_at"][:10] == local(3)[:10]
    assert (await timers(catalogue, room_id))["next-session"].isoformat()[:10] == local(3)[:10]

    back = "UPDATE series SET planned_until = planned_until - interval '3 weeks' WHERE room_id = :room_id"
    await change(catalogue, back, room_id=room_id)
    [answer] = await catalogue.handle(internal(TopUpSeries(room_id=room_id, series_id=command.session_id)))
    after = await sessions(catalogue, room_id)
    assert answer["data"]["changed"] is False
    assert sorted(row.session_id for row in after) == sorted(row.session_id for row in before)
    assert {row.session_id: row.revision for row in after if row.revision} == {moved: 1, cancelled: 1}


async def test_topping_up_plans_missing_dates_once_and_sets_its_timer_again(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    command = a_series(room_id)
    await catalogue.send(command, host)
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
        tables=chassis_tables_of(SERVICE.metadata), transaction=Transaction(SERVICE, session_maker(catalogue.pool))
    ).fire()
    fired = await catalogue.rows(
        "SELECT internal FROM outbox WHERE routing_key = 'rooms.top-up-series.v1' AND subject LIKE :it",
        it=f"%{room_id}%",
    )
    [envelope] = [json.loads(row.internal) for row in fired]
    data = envelope["data"]
    answers = await catalogue.handle(
        internal(TopUpSeries.model_validate(data)), internal(TopUpSeries.model_validate(data))
    )
    assert [answer["data"]["changed"] for answer in answers] == [True, False]
    assert [row.session_id for row in await sessions(catalogue, room_id)] == [row.session_id for row in before]
    assert (await timers(catalogue, room_id))["top-up"] > datetime.now(UTC)
    added = [json.loads(row.public) for row in (await catalogue.published(room_id))[-3:]]
    assert {event["type"] for event in added} == {"practio.rooms.session-scheduled.v1"}
    assert {envelope["actor"], *(event["actor"] for event in added)} == {"system"}, "notifications goes by it"
    assert all(event["data"]["session"]["series_id"] == str(command.session_id) for event in added)


async def test_a_series_without_an_upcoming_date_is_ended_by_one_that_has_begun(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_published_room(catalogue, host)
    command = a_series(room_id, "FREQ=MONTHLY;INTERVAL=6")
    await catalogue.send(command, host)
    await change(catalogue, "UPDATE session SET starts_at = now() - interval '1 day' WHERE room_id = :it", it=room_id)
    assert "top-up" in await timers(catalogue, room_id)
    ending = CancelSession.model_validate({"room_id": room_id, "session_id": command.session_id, "scope": "following"})
    answer = await catalogue.send(ending, host)
    assert (answer["changed"], answer["state"]["status"]) == (True, "scheduled")
    assert "top-up" not in await timers(catalogue, room_id)
    again = await catalogue.send(ending, host)
    assert again["code"] == "session-past"
