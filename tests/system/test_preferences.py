"""Preferences over the real broker: activity in one letter a day, no letters to suppressed addresses."""

import json
from pathlib import Path
from typing import Any

import asyncpg
from tests.support.clients.actions import a_known_person, a_published_room, accepted, asks
from tests.support.clients.bounces import a_report
from tests.support.clients.operator import practio
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack

JOINS = 5


async def do(stack: RunningStack, statement: str, *values: Any) -> list[asyncpg.Record]:
    """Change or read the database behind the services' backs."""
    connection = await asyncpg.connect(stack.target.database_url)
    try:
        return list(await connection.fetch(statement, *values))
    finally:
        await connection.close()


async def letters_to(outside: OutsideSystem, person: str, kind: str) -> list[str]:
    """Return the states of the letters of this kind to a person."""
    answer = await outside.query("notifications.list-letters.v1", {"person_id": person}, actor="system")
    return [letter["status"] for letter in answer["result"]["letters"] if letter["kind"] == kind]


async def test_five_joins_in_an_open_room_are_one_digest_at_its_hour(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    room = await a_published_room(outside, host=host, policy="open", capacity=JOINS)
    await outside.receives("rooms.room-published.v1", room_id=room.room_id)
    for number in range(JOINS):
        person = await a_known_person(outside, f"Guest {number}")
        assert (await accepted(asks(outside, room, person)))["status"] == "joined"

    async def all_wait() -> bool:
        return await letters_to(outside, host, "member-joined") == ["held"] * JOINS

    await eventually(all_wait, within=30, message="letters that are held")
    assert await letters_to(outside, host, "activity-digest") == ["held"]
    email = outside.people[host]["email"]
    assert {letter.kind for letter in stack.mailbox.to(email)} <= {"room-published"}

    passed = "UPDATE notifications.letter SET due_at = now(), told = jsonb_set(told, '{at}', to_jsonb(now()))"
    await do(stack, f"{passed} WHERE kind = 'activity-digest' AND person_id = $1::uuid", host)
    await outside.receives("notifications.letter-sent.v1", person_id=host, kind="activity-digest")

    [letter] = [each for each in stack.mailbox.to(email) if each.kind == "activity-digest"]
    assert letter.subject == "News from “Intervision for school heads”"
    assert [f"Guest {number} now has a seat." in letter.text for number in range(JOINS)] == [True] * JOINS
    assert await letters_to(outside, host, "member-joined") == ["sent"] * JOINS


async def test_a_bounced_letter_suppresses_its_address_once(
    outside: OutsideSystem, stack: RunningStack, tmp_path: Path
) -> None:
    person = await a_known_person(outside)
    room = await a_published_room(outside)
    await outside.receives("rooms.room-published.v1", room_id=room.room_id)
    await accepted(asks(outside, room, person))
    sent = (await outside.receives("notifications.letter-sent.v1", person_id=person))["data"]
    for part in ("new", "cur", "tmp"):
        (tmp_path / part).mkdir()
    (tmp_path / "new" / "1.host").write_bytes(a_report(sent["letter_id"], outside.people[person]["email"]))
    (tmp_path / "new" / "2.host").write_bytes(b"Subject: Hello\n\nHow are you?")

    trial = json.loads(await practio(stack, "bounces", "--folder", str(tmp_path), "--dry-run", "--json"))
    assert trial["counts"] == {"ready": 1, "no report of a letter of ours": 1}
    assert await do(stack, "SELECT 1 FROM notifications.bounce WHERE letter_id = $1::uuid", sent["letter_id"]) == []
    report = json.loads(await practio(stack, "bounces", "--folder", str(tmp_path), "--json"))
    again = json.loads(await practio(stack, "bounces", "--folder", str(tmp_path), "--json"))

    assert report["counts"] == {"reported": 1, "no report of a letter of ours": 1}
    assert again["counts"] == {"no report of a letter of ours": 1}
    event = await outside.receives("notifications.address-suppressed.v1", person_id=person)
    assert event["data"]["kind"] == "hard"
    assert await letters_to(outside, person, "requested") == ["failed"]
    (tmp_path / "cur" / "1.host:2,S").rename(tmp_path / "new" / "1.host")
    await practio(stack, "bounces", "--folder", str(tmp_path))
    assert len(await do(stack, "SELECT 1 FROM notifications.bounce WHERE letter_id = $1::uuid", sent["letter_id"])) == 1
