"""One schema is restored: what was lost stays lost, and all services agree again."""

import json
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support.clients.actions import WITHDRAW, OpenRoom, a_known_person, a_published_room, accepted, does, roster
from tests.support.clients.commands import new_id
from tests.support.clients.operator import practio
from tests.support.clients.outside import OutsideSystem
from tests.support.clients.restoring import (
    QUIET_SECONDS,
    backs_up,
    joins,
    letters_at_rest,
    ran,
    restores,
    seated,
    stopped,
)
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack

pytestmark = pytest.mark.thorough

TO_LEAVE = """
UPDATE notifications.letter SET status = 'queued', due_at = now() WHERE person_id = $1 AND kind = 'joined'
"""
HAS_LEFT = """
UPDATE notifications.letter SET status = 'sent', due_at = NULL WHERE person_id = $1 AND kind = 'joined'
"""


@pytest_asyncio.fixture
async def room(outside: OutsideSystem) -> OpenRoom:
    """Return a room of two seats with a host who gets letters."""
    return await a_published_room(outside, host=await a_known_person(outside, "Marta Bianchi"), capacity=2)


async def test_membership_alone_is_restored_and_the_others_agree_with_it(
    stack: RunningStack, outside: OutsideSystem, room: OpenRoom, tmp_path: Path
) -> None:
    ada, bruno, carla = [await a_known_person(outside, name) for name in ("Ada", "Bruno", "Carla")]
    await joins(outside, room, ada)
    await backs_up(stack, str(tmp_path / "kept"))
    await joins(outside, room, bruno)
    await does(outside, WITHDRAW, room, ada)
    await outside.receives("notifications.letter-sent.v1", person_id=ada, kind="withdrawn")
    later = await a_published_room(outside, host=room.host)
    await eventually(lambda: "room-published" in letters_about(later, outside), message="its host has the letter")
    before = await letters_at_rest(stack)

    async with stopped(stack, "membership"):
        await restores(stack, str(tmp_path / "kept"), "--only", "membership", "--replace")
    report = json.loads(await practio(stack, "rebuild", "--json"))

    assert len(report["memberships_gone"]) == 1
    assert report["rooms_taken_back"] == []
    await practio(stack, "invariants")
    assert await seated(outside, room) == {ada}
    assert (await roster(outside, later))["capacity"] == 3
    assert await letters_at_rest(stack) == before
    await joins(outside, room, carla)
    assert await seated(outside, room) == {ada, carla}
    await rooms_counts(outside, room, seats_free=0)


async def test_rooms_alone_is_restored_and_corrects_what_the_others_know(
    stack: RunningStack, outside: OutsideSystem, room: OpenRoom, tmp_path: Path
) -> None:
    ada, bruno = [await a_known_person(outside, name) for name in ("Ada", "Bruno")]
    await joins(outside, room, ada)
    await backs_up(stack, str(tmp_path / "kept"))
    revised = {"room_id": room.room_id, "title": "Intervision for heads", "capacity": 5}
    for capacity in (3, 4, 5):
        await accepted(outside.send("rooms.revise-room.v1", revised | {"capacity": capacity}, actor=room.host))
    later = await a_published_room(outside, host=room.host, title="Made after the backup")
    await joins(outside, later, bruno)
    before = await letters_at_rest(stack)

    async with stopped(stack, "rooms"):
        await restores(stack, str(tmp_path / "kept"), "--only", "rooms", "--replace")
    report = json.loads(await practio(stack, "rebuild", "--json"))

    assert report["rooms_taken_back"] == [later.room_id]
    await practio(stack, "invariants")
    assert await letters_at_rest(stack) == before
    assert (await roster(outside, room))["capacity"] == 2
    assert await seated(outside, later) == {bruno}
    shown = (await outside.query("rooms.get-room.v1", {"room_id": later.room_id}, actor=bruno))["result"]["room"]
    assert (shown["title"], shown["meeting_url"]) == ("Made after the backup", "https://meet.example.org/heads")
    await accepted(outside.send("rooms.revise-room.v1", revised, actor=room.host))
    await eventually(lambda: has_capacity(outside, room, 5), within=QUIET_SECONDS, message="membership received it")
    await joins(outside, room, bruno)


async def test_notifications_alone_is_restored_and_sends_no_letter_again(
    stack: RunningStack, outside: OutsideSystem, room: OpenRoom, tmp_path: Path
) -> None:
    ada, bruno = [await a_known_person(outside, name) for name in ("Ada", "Bruno")]
    await joins(outside, room, ada)
    async with stopped(stack, "notifications"):
        await ran(stack, TO_LEAVE, ada)
        await backs_up(stack, str(tmp_path / "kept"))
        await ran(stack, HAS_LEFT, ada)
    await joins(outside, room, bruno)
    session = {"room_id": room.room_id, "session_id": new_id(), "starts_at": "2031-03-05T18:00", "duration_minutes": 60}
    await accepted(outside.send("rooms.schedule-session.v1", session, actor=room.host))
    await outside.receives("notifications.letter-sent.v1", person_id=bruno, kind="session-scheduled")
    before = await letters_at_rest(stack)

    async with stopped(stack, "notifications"):
        await restores(stack, str(tmp_path / "kept"), "--only", "notifications", "--replace")
    await practio(stack, "rebuild")

    await practio(stack, "invariants")
    assert await letters_at_rest(stack) == before
    listed = {"person_id": ada, "status": "unknown", "limit": 10}
    unknown = (await outside.query("notifications.list-letters.v1", listed, actor="system"))["result"]["letters"]
    assert [(each["kind"], each["reason"]) for each in unknown] == [("joined", "restored")]
    again = {**session, "starts_at": "2031-03-06T18:00", "scope": "this"}
    await accepted(outside.send("rooms.reschedule-session.v1", again, actor=room.host))
    await outside.receives("notifications.letter-sent.v1", person_id=ada, kind="session-rescheduled")


async def has_capacity(outside: OutsideSystem, room: OpenRoom, capacity: int) -> bool:
    return bool((await roster(outside, room))["capacity"] == capacity)


async def rooms_counts(outside: OutsideSystem, room: OpenRoom, *, seats_free: int) -> None:
    """Wait until searches show so many free seats."""

    async def shown() -> bool:
        found = await outside.query("rooms.search-rooms.v1", {"limit": 100}, actor=room.host)
        seats = {each["room_id"]: each["seats_free"] for each in found["result"]["rooms"]}
        return seats.get(room.room_id) == seats_free

    await eventually(shown, within=QUIET_SECONDS, message="rooms counts as membership does")


def letters_about(room: OpenRoom, outside: OutsideSystem) -> set[str]:
    """Return the kinds of the letters that were sent about a room."""
    sent = (event["data"] for event in outside.events["notifications.letter-sent.v1"])
    return {each["kind"] for each in sent if each["about"]["room_id"] == room.room_id}
