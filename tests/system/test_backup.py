"""Backup, restore and rebuild on a stack of its own: what was lost is lost, and all agree again."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from tests.support.containers import Container
from tests.support.eventually import eventually
from tests.support.operator import practio
from tests.support.outside import Outside
from tests.support.scenes import (
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
from tests.support.stack import Stack
from tests.support.wishes import new_id

from practio_operator.provision_database import administering

QUIET_SECONDS = 30.0

ON_THEIR_WAY = """
SELECT count(*) FROM notifications.letter
 WHERE status = 'sending' OR status IN ('queued', 'retrying') AND due_at <= now()
"""
TO_LEAVE = """
UPDATE notifications.letter SET status = 'queued', due_at = now() WHERE person_id = $1 AND kind = 'joined'
"""
HAS_LEFT = """
UPDATE notifications.letter SET status = 'sent', due_at = NULL WHERE person_id = $1 AND kind = 'joined'
"""


@pytest_asyncio.fixture
async def room(outside: Outside) -> OpenRoom:
    """Give a room of two seats with a host who gets letters."""
    return await a_published_room(outside, host=await a_known_person(outside, "Marta Bianchi"), capacity=2)


async def test_membership_alone_goes_back_and_all_agree_with_it(
    stack: Stack, outside: Outside, room: OpenRoom, tmp_path: Path
) -> None:
    ada, bruno, carla = [await a_known_person(outside, name) for name in ("Ada", "Bruno", "Carla")]
    await comes_in(outside, room, ada)
    await backs_up(stack, str(tmp_path / "kept"))
    await comes_in(outside, room, bruno)
    await does(outside, WITHDRAW, room, ada)
    await outside.hears("notifications.letter-sent.v1", person_id=ada, kind="withdrawn")
    later = await a_published_room(outside, host=room.host)
    before = await letters_at_rest(stack)

    async with stopped(stack, "membership"):
        await restores(stack, str(tmp_path / "kept"), "--only", "membership", "--replace")
    told = json.loads(await practio(stack, "rebuild", "--json"))

    assert len(told["memberships_gone"]) == 1
    assert told["rooms_taken_back"] == []
    await practio(stack, "invariants")
    assert await seated(outside, room) == {ada}
    assert (await roster(outside, later))["capacity"] == 3
    assert await letters_at_rest(stack) == before
    await comes_in(outside, room, carla)
    assert await seated(outside, room) == {ada, carla}
    await rooms_counts(outside, room, seats_free=0)


async def test_rooms_alone_goes_back_and_takes_back_what_others_know(
    stack: Stack, outside: Outside, room: OpenRoom, tmp_path: Path
) -> None:
    ada, bruno = [await a_known_person(outside, name) for name in ("Ada", "Bruno")]
    await comes_in(outside, room, ada)
    await backs_up(stack, str(tmp_path / "kept"))
    revised = {"room_id": room.room_id, "title": "Intervision for heads", "capacity": 5}
    for capacity in (3, 4, 5):
        await accepted(outside.wish("rooms.revise-room.v1", revised | {"capacity": capacity}, actor=room.host))
    later = await a_published_room(outside, host=room.host, title="Made after the backup")
    await comes_in(outside, later, bruno)
    before = await letters_at_rest(stack)

    async with stopped(stack, "rooms"):
        await restores(stack, str(tmp_path / "kept"), "--only", "rooms", "--replace")
    told = json.loads(await practio(stack, "rebuild", "--json"))

    assert told["rooms_taken_back"] == [later.room_id]
    await practio(stack, "invariants")
    assert await letters_at_rest(stack) == before
    assert (await roster(outside, room))["capacity"] == 2
    assert await seated(outside, later) == {bruno}
    shown = (await outside.ask("rooms.get-room.v1", {"room_id": later.room_id}, actor=bruno))["result"]["room"]
    assert (shown["title"], shown["meeting_url"]) == ("Made after the backup", "https://meet.example.org/heads")
    await accepted(outside.wish("rooms.revise-room.v1", revised, actor=room.host))
    await eventually(lambda: has_capacity(outside, room, 5), within=QUIET_SECONDS, saying="membership heard of it")
    await comes_in(outside, room, bruno)


async def test_notifications_alone_goes_back_and_sends_no_letter_again(
    stack: Stack, outside: Outside, room: OpenRoom, tmp_path: Path
) -> None:
    ada, bruno = [await a_known_person(outside, name) for name in ("Ada", "Bruno")]
    await comes_in(outside, room, ada)
    async with stopped(stack, "notifications"):
        await ran(stack, TO_LEAVE, ada)
        await backs_up(stack, str(tmp_path / "kept"))
        await ran(stack, HAS_LEFT, ada)
    await comes_in(outside, room, bruno)
    session = {"room_id": room.room_id, "session_id": new_id(), "starts_at": "2031-03-05T18:00", "duration_minutes": 60}
    await accepted(outside.wish("rooms.schedule-session.v1", session, actor=room.host))
    await outside.hears("notifications.letter-sent.v1", person_id=bruno, kind="session-scheduled")
    before = await letters_at_rest(stack)

    async with stopped(stack, "notifications"):
        await restores(stack, str(tmp_path / "kept"), "--only", "notifications", "--replace")
    await practio(stack, "rebuild")

    await practio(stack, "invariants")
    assert await letters_at_rest(stack) == before
    listed = {"person_id": ada, "status": "unknown", "limit": 10}
    unknown = (await outside.ask("notifications.list-letters.v1", listed, actor="system"))["result"]["letters"]
    assert [(each["kind"], each["reason"]) for each in unknown] == [("joined", "restored")]
    again = {**session, "starts_at": "2031-03-06T18:00", "scope": "this"}
    await accepted(outside.wish("rooms.reschedule-session.v1", again, actor=room.host))
    await outside.hears("notifications.letter-sent.v1", person_id=ada, kind="session-rescheduled")


async def test_a_rebuild_where_all_agree_changes_nothing_and_may_be_run_again(
    stack: Stack, outside: Outside, room: OpenRoom
) -> None:
    ada = await a_known_person(outside)
    await comes_in(outside, room, ada)
    before = await letters_at_rest(stack)
    for service in ((), ("membership",), ("rooms",), ()):
        told = json.loads(await practio(stack, "rebuild", *service, "--json"))
        assert (told["rooms_taken_back"], told["memberships_gone"]) == ([], [])
    await practio(stack, "invariants")
    assert await letters_at_rest(stack) == before


@pytest.mark.parametrize("wish", ["rooms.say-again.v1", "membership.say-again.v1"])
async def test_nobody_but_the_system_has_anything_said_again(outside: Outside, room: OpenRoom, wish: str) -> None:
    refused = await outside.wish(wish, {"room_ids": [room.room_id]}, actor=room.host)
    assert refused["code"] == "not-allowed"


async def test_a_restore_is_refused_where_it_would_do_harm(stack: Stack, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    await backs_up(stack, str(kept))
    await backs_up(stack, str(kept), exits=1)
    await restores(stack, str(kept), "--only", "membership", "--replace", exits=1)  # it works on its schema
    await restores(stack, str(kept), "--only", "people", exits=1)
    async with stopped(stack, "membership"):
        await restores(stack, str(kept), "--only", "membership", exits=1)
        (kept / "membership.dump").write_bytes(b"PGDMP, and nothing behind it")
        await restores(stack, str(kept), "--only", "membership", "--replace", exits=1)
    await practio(stack, "invariants")


async def test_a_backup_holds_no_password_and_the_broker_gets_back_what_it_lacks(stack: Stack, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    await backs_up(stack, str(kept))
    defined = json.loads((kept / "broker.json").read_text())
    passwords = {each.broker for each in stack.target.passwords.values()}
    assert not any(password in (kept / "broker.json").read_text() for password in passwords)
    assert {"practio-rooms", "directory"} <= {each["name"] for each in defined["users"]}
    await restores(stack, str(kept), "--only", "broker")
    await stack.heal()


async def backs_up(stack: Stack, folder: str, *, exits: int = 0) -> None:
    await practio(stack, "backup", folder, *inside(stack), exits=exits)


async def restores(stack: Stack, folder: str, *options: str, exits: int = 0) -> None:
    await practio(stack, "restore", folder, *options, *inside(stack), exits=exits)


def inside(stack: Stack) -> list[str]:
    """Have PostgreSQL's programs taken from the database's container, where it is in one: they fit its version."""
    power = stack.servers.database.power
    return ["--inside", str(power.container.get_wrapped_container().id)] if isinstance(power, Container) else []


async def comes_in(outside: Outside, room: OpenRoom, person: str) -> None:
    """Let a person ask and the host approve, until their letter has left."""
    await accepted(asks(outside, room, person))
    state = await does(outside, APPROVE, room, person, actor=room.host)
    assert state["status"] == "joined"
    await outside.hears("notifications.letter-sent.v1", person_id=person, kind="joined")


async def seated(outside: Outside, room: OpenRoom) -> set[str]:
    entries = (await roster(outside, room))["entries"]
    return {each["membership"]["person_id"] for each in entries if each["membership"]["status"] == "joined"}


async def has_capacity(outside: Outside, room: OpenRoom, capacity: int) -> bool:
    return bool((await roster(outside, room))["capacity"] == capacity)


async def rooms_counts(outside: Outside, room: OpenRoom, *, seats_free: int) -> None:
    """Wait until searches show so many free seats."""

    async def shown() -> bool:
        found = await outside.ask("rooms.search-rooms.v1", {"limit": 100}, actor=room.host)
        seats = {each["room_id"]: each["seats_free"] for each in found["result"]["rooms"]}
        return seats.get(room.room_id) == seats_free

    await eventually(shown, within=QUIET_SECONDS, saying="rooms counts as membership does")


async def letters_at_rest(stack: Stack) -> Counter[str]:
    """Give the letters that came, by address and kind, once none is on its way; those of later days do not count."""

    async def none_is() -> bool:
        async with administering(stack.target) as connection:
            return not await connection.fetchval(ON_THEIR_WAY)

    await eventually(none_is, within=QUIET_SECONDS, saying="no letter is on its way")
    return Counter(f"{letter.kind} to {letter.to}" for letter in stack.mailbox.letters)


async def ran(stack: Stack, statement: str, person: str) -> None:
    """Change a person's letters behind the service's back."""
    async with administering(stack.target) as connection:
        await connection.execute(statement, UUID(person))


@asynccontextmanager
async def stopped(stack: Stack, service: str) -> AsyncIterator[None]:
    """Have a service stopped, and started again."""
    stack.services[service].process.stop()
    try:
        yield
    finally:
        await stack.services[service].start()
