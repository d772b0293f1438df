"""All schemas go back at once, with work done since: it is as if that had never been, also for outside systems."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest_asyncio
from tests.support.clients.commands import Data, a_person, new_id
from tests.support.clients.operator import practio
from tests.support.clients.outside import Outside
from tests.support.clients.restoring import (
    QUIET_SECONDS,
    backs_up,
    comes_in,
    letters_at_rest,
    restores,
    seated,
    stopped,
)
from tests.support.clients.scenes import (
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
from tests.support.eventually import eventually
from tests.support.oracles.ledger import room_of
from tests.support.stack.running import Stack

from practio_contracts.catalogue import SERVICES

REVISED = {"title": "Intervision for heads", "capacity": 5}


@pytest_asyncio.fixture
async def room(outside: Outside) -> OpenRoom:
    """Give a room of two seats with a host who gets letters."""
    return await a_published_room(outside, host=await a_known_person(outside, "Marta Bianchi"), capacity=2)


async def test_all_go_back_to_one_instant_and_go_on_from_there(
    stack: Stack, outside: Outside, room: OpenRoom, tmp_path: Path
) -> None:
    ada, bruno = [await a_known_person(outside, name) for name in ("Ada", "Bruno")]
    await comes_in(outside, room, ada)
    await accepted(asks(outside, room, bruno))
    await letters_at_rest(stack)
    await backs_up(stack, str(tmp_path / "kept"))
    late, later = await much_happens(outside, room, leaves=ada, comes=bruno)
    before = await letters_at_rest(stack)

    async with stopped(stack, *SERVICES):
        await restores(stack, str(tmp_path / "kept"), "--replace")
    told = json.loads(await practio(stack, "rebuild", "--json"))

    assert (told["rooms_taken_back"], told["memberships_gone"]) == ([], [])
    await practio(stack, "invariants")
    assert await letters_at_rest(stack) == before
    assert await seated(outside, room) == {ada}
    assert (await roster(outside, room))["capacity"] == 2
    assert await outside_knows(outside, room, {ada: "joined", bruno: "requested"})
    unknown = await outside.ask("rooms.get-room.v1", {"room_id": later.room_id}, actor=later.host)
    assert unknown["code"] == "room-unknown"
    await does(outside, APPROVE, room, bruno, actor=room.host)
    await outside.register(late)
    await comes_in(outside, await a_published_room(outside, host=room.host), late["person_id"])
    assert await letters_at_rest(stack) - before
    assert await outside_knows(outside, room, {ada: "joined", bruno: "joined"})
    await practio(stack, "invariants")


async def much_happens(outside: Outside, room: OpenRoom, *, leaves: str, comes: str) -> tuple[Data, OpenRoom]:
    """Let people come and go, a room be revised, and give a person and a room that are new."""
    await does(outside, WITHDRAW, room, leaves)
    await outside.hears("notifications.letter-sent.v1", person_id=leaves, kind="withdrawn")
    await does(outside, APPROVE, room, comes, actor=room.host)
    await accepted(outside.send("rooms.revise-room.v1", {"room_id": room.room_id, **REVISED}, actor=room.host))
    session = {"room_id": room.room_id, "session_id": new_id(), "starts_at": "2031-03-05T18:00", "duration_minutes": 60}
    await accepted(outside.send("rooms.schedule-session.v1", session, actor=room.host))
    await outside.hears("notifications.letter-sent.v1", person_id=comes, kind="session-scheduled")
    late = a_person("Daria")
    await outside.register(late)
    later = await a_published_room(outside, host=room.host)
    await comes_in(outside, later, late["person_id"])
    return late, later


async def outside_knows(outside: Outside, room: OpenRoom, statuses: Mapping[str, str]) -> bool:
    """Wait until an outside system that goes by numbers alone knows that people stand so."""
    return await eventually(
        lambda: known_outside(outside, room) == statuses,
        within=QUIET_SECONDS,
        saying=lambda: f"{known_outside(outside, room)} instead of {statuses}",
    )


def known_outside(outside: Outside, room: OpenRoom) -> Mapping[str, str]:
    """Give where people stand in a room by the events with the highest numbers, which is how contracts.md has it."""
    told = (event for event in outside.all_events() if room_of(event) == room.room_id and "membership" in event["data"])
    in_order = sorted(told, key=lambda event: int(event["sequence"]))
    newest = {event["subject"]: event["data"]["membership"] for event in in_order}
    return {each["person_id"]: each["status"] for each in newest.values()}
