"""All schemas go back at once, with work done since: it is as if that had never been, also for outside systems."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support.clients.actions import (
    APPROVE,
    WITHDRAW,
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    does,
    roster,
)
from tests.support.clients.commands import Data, a_person, new_id
from tests.support.clients.operator import practio
from tests.support.clients.outside import OutsideSystem
from tests.support.clients.restoring import (
    QUIET_SECONDS,
    backs_up,
    joins,
    letters_at_rest,
    restores,
    seated,
    stopped,
)
from tests.support.eventually import eventually
from tests.support.oracles.ledger import room_of
from tests.support.stack.running import RunningStack

from practio_contracts.catalogue import SERVICES

REVISED = {"title": "Intervision for heads", "capacity": 5}


@pytest_asyncio.fixture
async def room(outside: OutsideSystem) -> OpenRoom:
    """Return a room of two seats with a host who gets letters."""
    return await a_published_room(outside, host=await a_known_person(outside, "Marta Bianchi"), capacity=2)


@pytest.mark.thorough
async def test_all_schemas_are_restored_to_one_instant_and_work_on(
    stack: RunningStack, outside: OutsideSystem, room: OpenRoom, tmp_path: Path
) -> None:
    ada, bruno = [await a_known_person(outside, name) for name in ("Ada", "Bruno")]
    await joins(outside, room, ada)
    await accepted(asks(outside, room, bruno))
    await outside.receives("notifications.letter-sent.v1", person_id=bruno, kind="requested")
    await letters_at_rest(stack)
    await backs_up(stack, str(tmp_path / "kept"))
    late, later = await much_happens(outside, room, leaves=ada, comes=bruno)
    before = await letters_at_rest(stack)

    async with stopped(stack, *SERVICES):
        await restores(stack, str(tmp_path / "kept"), "--replace")
    report = json.loads(await practio(stack, "rebuild", "--json"))

    assert (report["rooms_taken_back"], report["memberships_gone"]) == ([], [])
    await practio(stack, "invariants")
    assert await letters_at_rest(stack) == before
    assert await seated(outside, room) == {ada}
    assert (await roster(outside, room))["capacity"] == 2
    assert await outside_knows(outside, room, {ada: "joined", bruno: "requested"})
    unknown = await outside.query("rooms.get-room.v1", {"room_id": later.room_id}, actor=later.host)
    assert unknown["code"] == "room-unknown"
    await does(outside, APPROVE, room, bruno, actor=room.host)
    await outside.register(late)
    await joins(outside, await a_published_room(outside, host=room.host), late["person_id"])
    assert await letters_at_rest(stack) - before
    assert await outside_knows(outside, room, {ada: "joined", bruno: "joined"})
    await practio(stack, "invariants")


async def much_happens(outside: OutsideSystem, room: OpenRoom, *, leaves: str, comes: str) -> tuple[Data, OpenRoom]:
    """Let people come and go, revise the room, and create a person and a room."""
    await does(outside, WITHDRAW, room, leaves)
    await outside.receives("notifications.letter-sent.v1", person_id=leaves, kind="withdrawn")
    await does(outside, APPROVE, room, comes, actor=room.host)
    await accepted(outside.send("rooms.revise-room.v1", {"room_id": room.room_id, **REVISED}, actor=room.host))
    session = {"room_id": room.room_id, "session_id": new_id(), "starts_at": "2031-03-05T18:00", "duration_minutes": 60}
    await accepted(outside.send("rooms.schedule-session.v1", session, actor=room.host))
    await outside.receives("notifications.letter-sent.v1", person_id=comes, kind="session-scheduled")
    late = a_person("Daria")
    await outside.register(late)
    later = await a_published_room(outside, host=room.host)
    await joins(outside, later, late["person_id"])
    return late, later


async def outside_knows(outside: OutsideSystem, room: OpenRoom, statuses: Mapping[str, str]) -> bool:
    """Wait until an outside system that uses only sequence numbers knows these statuses."""
    return await eventually(
        lambda: known_outside(outside, room) == statuses,
        within=QUIET_SECONDS,
        message=lambda: f"{known_outside(outside, room)} instead of {statuses}",
    )


def known_outside(outside: OutsideSystem, room: OpenRoom) -> Mapping[str, str]:
    """Return the statuses of people in a room by the events with the highest numbers, as consumers do."""
    report = (
        event for event in outside.all_events() if room_of(event) == room.room_id and "membership" in event["data"]
    )
    in_order = sorted(report, key=lambda event: int(event["sequence"]))
    newest = {event["subject"]: event["data"]["membership"] for event in in_order}
    return {each["person_id"]: each["status"] for each in newest.values()}
