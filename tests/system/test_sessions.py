"""Sessions between services: a series topped up by its timer, and offers that respect the next session."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
from tests.support.clients.actions import WITHDRAW, OpenRoom, a_published_room, accepted, asks, does
from tests.support.clients.commands import Data, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.backdoor import Backdoor, a_backdoor
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import RunningStack

ROME = "Europe/Rome"
PRIVATE = {"place", "meeting_url"}


def local(at: datetime) -> str:
    """Return the local time in Rome at an instant, to the minute."""
    return at.astimezone(ZoneInfo(ROME)).replace(tzinfo=None).isoformat(timespec="minutes")


async def plans(outside: OutsideSystem, room: OpenRoom, starts_at: datetime, **fields: Any) -> Data:
    """Have the host plan a session, or a series; return the session."""
    command = {"room_id": room.room_id, "session_id": new_id(), "starts_at": local(starts_at), "duration_minutes": 90}
    return await accepted(outside.send("rooms.schedule-session.v1", command | fields, actor=room.host))


async def change_session(outside: OutsideSystem, room: OpenRoom, command: str, session: Data, **fields: Any) -> Data:
    """Send a command of the host about a session; return the session afterwards."""
    data = {"room_id": room.room_id, "session_id": session["session_id"], **fields}
    return await accepted(outside.send(f"rooms.{command}.v1", data, actor=room.host))


async def next_sessions(outside: OutsideSystem, room: OpenRoom, *, by: str) -> list[Data]:
    """Return the sessions that the room is shown with."""
    answer = await outside.query("rooms.get-room.v1", {"room_id": room.room_id}, actor=by)
    sessions: list[Data] = answer["result"]["sessions"]
    return sessions


async def change(stack: RunningStack, statement: str, *values: Any) -> None:
    """Change rows behind the service's back, such as times that have passed."""
    connection = await asyncpg.connect(stack.target.database_url)
    await connection.execute(statement, *values)
    await connection.close()


def scheduled(outside: OutsideSystem, room: OpenRoom) -> list[str]:
    """Return the ids of the sessions in scheduled events, as often as they were published."""
    events = outside.events["rooms.session-scheduled.v1"]
    published = [event["data"]["session"] for event in events if event["subject"] == room.room_id]
    return [session["session_id"] for session in published]


async def test_a_series_with_one_date_moved_and_one_cancelled_is_topped_up_by_its_timer(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger
) -> None:
    room = await a_published_room(outside, time_zone=ROME)
    today = datetime.now(ZoneInfo(ROME)).replace(hour=18, minute=0, second=0, microsecond=0)
    first = today + timedelta(days=7)
    rule = {"recurrence": {"rrule": "FREQ=WEEKLY"}, "meeting_url": "https://meet.example.org/weekly"}
    named = await plans(outside, room, first, **rule)
    series = await next_sessions(outside, room, by=room.host)
    assert series[0] == named
    assert {local(datetime.fromisoformat(each["starts_at"]))[-5:] for each in series} == {local(first)[-5:]}
    await eventually(lambda: len(scheduled(outside, room)) == len(series), message="an event for each date")

    moved = await change_session(
        outside, room, "reschedule-session", series[2], starts_at=local(first + timedelta(days=15))
    )
    cancelled = await change_session(outside, room, "cancel-session", series[4], reason="Snow")
    assert (moved["revision"], cancelled["status"]) == (1, "cancelled")
    published = await outside.receives("rooms.session-rescheduled.v1", session_id=moved["session_id"])
    assert published["data"]["former_starts_at"] == series[2]["starts_at"]
    assert not PRIVATE & (published["data"]["session"].keys() | published["data"]["room"].keys())
    await outside.receives("rooms.session-cancelled.v1", session_id=cancelled["session_id"])

    before = await next_sessions(outside, room, by=room.host)
    await three_weeks_are_to_be_planned(stack, room)
    await eventually(lambda: len(scheduled(outside, room)) == len(series) + 3, message="three dates more")
    assert await next_sessions(outside, room, by=room.host) == before
    assert sorted(scheduled(outside, room)[-3:]) == sorted(each["session_id"] for each in series[-3:])
    assert [PRIVATE & each.keys() for each in await next_sessions(outside, room, by=new_id())] == [set()] * len(before)
    await ledger.is_clean()


async def three_weeks_are_to_be_planned(stack: RunningStack, room: OpenRoom) -> None:
    """Delete the last three dates of a weekly series, and let its timer be due."""
    await change(
        stack,
        "DELETE FROM rooms.session WHERE room_id = $1 AND session_id IN "
        "(SELECT session_id FROM rooms.session WHERE room_id = $1 ORDER BY ruled_at DESC LIMIT 3)",
        room.room_id,
    )
    back = "UPDATE rooms.series SET planned_until = planned_until - interval '3 weeks' WHERE room_id = $1"
    await change(stack, back, room.room_id)
    due = "UPDATE rooms.timer SET due_at = now() WHERE key LIKE 'top-up:' || $1 || ':%'"
    await change(stack, due, room.room_id)


async def test_an_offer_ends_before_the_next_session_and_then_before_the_one_after(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger
) -> None:
    room = await a_published_room(outside, time_zone=ROME, capacity=1, policy="open")
    seated, second, third = new_id(), new_id(), new_id()
    for person in (seated, second, third):
        await accepted(asks(outside, room, person))
    soon = await plans(outside, room, datetime.now(UTC) + timedelta(hours=3))
    later = await plans(outside, room, datetime.now(UTC) + timedelta(hours=6))
    await membership_knows_of(stack, room, soon)

    await does(outside, WITHDRAW, room, seated)
    assert await offered_until(outside, room, second) == one_hour_before(soon)

    begun = "UPDATE rooms.session SET starts_at = now() - interval '1 minute' WHERE room_id = $1 AND session_id = $2"
    await change(stack, begun, room.room_id, soon["session_id"])
    await change(stack, "UPDATE rooms.timer SET due_at = now() WHERE key = 'next-session:' || $1", room.room_id)
    await membership_knows_of(stack, room, later)
    await does(outside, WITHDRAW, room, second)
    assert await offered_until(outside, room, third) == one_hour_before(later)
    await ledger.is_clean()


async def membership_knows_of(stack: RunningStack, room: OpenRoom, session: Data) -> None:
    """Wait until membership uses a next session: rooms published it, and commands do not wait for events."""
    starts_at = datetime.fromisoformat(session["starts_at"])
    async with a_backdoor(stack) as backdoor:
        await eventually(
            lambda: known(backdoor, room, starts_at), message=f"membership goes by the session at {starts_at}"
        )


async def known(backdoor: Backdoor, room: OpenRoom, starts_at: datetime) -> bool:
    return await backdoor.known_next_session(room.room_id) == starts_at


async def offered_until(outside: OutsideSystem, room: OpenRoom, person: str) -> datetime:
    event = await outside.receives("membership.seat-offered.v1", room_id=room.room_id, person_id=person)
    return datetime.fromisoformat(event["data"]["membership"]["offer_expires_at"])


def one_hour_before(session: Data) -> datetime:
    return datetime.fromisoformat(session["starts_at"]) - timedelta(hours=1)
