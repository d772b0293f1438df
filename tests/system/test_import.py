"""Importing existing data: CSV files into a running stack, interrupted and continued."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.support.clients.actions import a_published_room, roster
from tests.support.clients.commands import new_id
from tests.support.clients.operator import operator_environment, practio
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack

pytestmark = pytest.mark.thorough

MANY, BAD = 5_000, 50
LEFT = 3
HEADER = "person_id,display_name,email,locale,time_zone\n"


def a_file_of_people(folder: Path) -> tuple[Path, list[str]]:
    """Write many people, every hundredth with a bad address; return the file, and the ids of the good ones."""
    ids = [new_id() for _ in range(MANY)]
    bad = set(ids[:: MANY // BAD])
    lines = [
        f"{each},Ada Moretti,{'nowhere' if each in bad else f'{each}@example.org'},it,Europe/Rome\n" for each in ids
    ]
    file = folder / "people.csv"
    file.write_text(HEADER + "".join(lines), encoding="utf-8")
    return file, [each for each in ids if each not in bad]


def noted(file: Path) -> int:
    """Count the lines of a file that its notes contain."""
    notes = file.with_name(f"{file.name}.progress")
    return notes.read_text().count('"outcome"') if notes.exists() else 0


async def kill_in_the_middle(stack: RunningStack, *arguments: str, file: Path, after: int) -> None:
    """Begin an import, and kill it (``-9``) once ``after`` lines are noted."""
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("practio")), *arguments, str(file), "--for-real"),
        env=os.environ | operator_environment(stack),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await eventually(lambda: noted(file) >= after, within=60, pause=0.005, message=lambda: f"{noted(file)} noted")
    process.send_signal(signal.SIGKILL)
    await process.wait()


async def known_people(stack: RunningStack, ids: Sequence[str]) -> int:
    connection = await asyncpg.connect(stack.target.database_url)
    try:
        query = "SELECT count(*) FROM notifications.contact WHERE person_id = ANY($1::uuid[]) AND email IS NOT NULL"
        return int(await connection.fetchval(query, ids))
    finally:
        await connection.close()


async def messages_of_imports(stack: RunningStack) -> int:
    """Count the messages that imports published and notifications consumed, each id once."""
    connection = await asyncpg.connect(stack.target.database_url)
    try:
        query = "SELECT count(*) FROM notifications.inbox WHERE source LIKE 'urn:practio:import:%'"
        return int(await connection.fetchval(query))
    finally:
        await connection.close()


async def test_5000_people_with_50_bad_lines_are_imported_once_despite_a_killed_import(
    stack: RunningStack, tmp_path: Path
) -> None:
    file, good = a_file_of_people(tmp_path)
    before = await messages_of_imports(stack)
    await kill_in_the_middle(stack, "import-people", file=file, after=1_000)
    assert noted(file) < len(good)

    report = json.loads(await practio(stack, "import-people", str(file), "--for-real", "--json", exits=LEFT))

    counts = report["counts"]
    assert counts["told"] + counts["done before"] == len(good) == MANY - BAD
    bad = [line for line in report["lines"] if line["outcome"] == "bad"]
    assert [line["line"] for line in bad] == list(range(2, MANY + 2, MANY // BAD))
    assert {line["detail"] for line in bad} == {"email is not an address such as ada@example.org"}

    async def all_are_known() -> bool:
        return await known_people(stack, good) == len(good)

    await eventually(all_are_known, within=60, message="all people are known")
    assert await messages_of_imports(stack) - before == len(good)


async def test_without_for_real_nothing_is_published(stack: RunningStack, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    person = new_id()
    file.write_text(f"{HEADER}{person},Ada,{person}@example.org,it,Europe/Rome\n")
    before = await messages_of_imports(stack)
    assert "Nothing was changed" in await practio(stack, "import-people", str(file))
    assert (noted(file), await messages_of_imports(stack)) == (0, before)


async def test_members_wait_in_the_order_of_their_lines_and_full_rooms_are_reported(
    outside: OutsideSystem, stack: RunningStack, tmp_path: Path
) -> None:
    room, people = await a_published_room(outside, capacity=2), [new_id() for _ in range(4)]
    open_room = await a_published_room(outside, capacity=2, policy="open")
    rows = [*((room.room_id, each) for each in people), (open_room.room_id, people[0]), (new_id(), people[1])]
    file = tmp_path / "room.csv"
    file.write_text("room_id,person_id,roles\n" + "".join(f"{a},{b},participant\n" for a, b in rows))

    report = json.loads(await practio(stack, "import-members", str(file), "--for-real", "--json", exits=LEFT))
    again = json.loads(await practio(stack, "import-members", str(file), "--for-real", "--json", exits=LEFT))

    outcomes = [line["outcome"] for line in report["lines"]]
    assert outcomes == ["joined", "joined", "waitlisted", "waitlisted", "joined", "refused"]
    assert "room-unknown" in report["lines"][-1]["detail"]
    assert again["counts"] == {"done before": 5, "refused": 1}
    assert [entry["membership"]["person_id"] for entry in in_order(await roster(outside, room))] == people


def in_order(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the participants and then the people who wait, each in their order."""
    return sorted(shown["entries"], key=lambda entry: entry["membership"]["status"] != "joined")


async def test_a_refused_line_is_sent_again_with_a_new_id(
    outside: OutsideSystem, stack: RunningStack, tmp_path: Path
) -> None:
    room, person = await a_published_room(outside), new_id()
    file = tmp_path / "room.csv"
    file.write_text(f"room_id,person_id\n{room.room_id},{person}\n")
    about = {"room_id": room.room_id}
    await outside.send("rooms.close-room.v1", about, actor=room.host)
    await outside.receives("rooms.room-closed.v1", room_id=room.room_id)

    async def is_refused() -> bool:
        done = await practio(stack, "import-members", str(file), "--for-real", exits=LEFT)
        return "room-not-open" in done

    assert await is_refused()
    await outside.send("rooms.reopen-room.v1", about, actor=room.host)
    await eventually(lambda: is_brought(stack, file), within=30, message="the person was brought in")


async def is_brought(stack: RunningStack, file: Path) -> bool:
    try:
        return "1 joined" in await practio(stack, "import-members", str(file), "--for-real")
    except AssertionError:
        return False


async def test_a_killed_import_of_members_continues_and_sends_no_request_twice(
    outside: OutsideSystem, stack: RunningStack, tmp_path: Path
) -> None:
    room, people = await a_published_room(outside, capacity=100), [new_id() for _ in range(150)]
    file = tmp_path / "room.csv"
    file.write_text("room_id,person_id\n" + "".join(f"{room.room_id},{each}\n" for each in people))
    await kill_in_the_middle(stack, "import-members", file=file, after=30)
    assert noted(file) < len(people)

    report = json.loads(await practio(stack, "import-members", str(file), "--for-real", "--json"))

    assert sum(report["counts"].values()) == len(people)
    shown = await roster(outside, room)
    assert (shown["seats_taken"], shown["counts"]["waitlisted"]) == (100, 50)
    assert [entry["membership"]["person_id"] for entry in in_order(shown)] == people
