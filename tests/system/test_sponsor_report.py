"""The monthly letter to a sponsor's delegates on the whole stack: from a month that is over to the mailbox."""

import csv
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from tests.support.clients.actions import OpenRoom, a_known_person, a_published_room, accepted, asks
from tests.support.clients.commands import new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.backdoor import Backdoor, a_backdoor
from tests.support.stack.running import RunningStack
from tests.system.test_letters import letter_to
from tests.system.test_sessions import plans

_FIXED_ON = 3
"""The day of a month on which the month before is fixed."""

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(datetime.now(UTC).day < _FIXED_ON, reason="the last month is not fixed yet"),
]

_LAST_MONTH = "date_trunc('month', now()) - interval '1 month'"
_IS_OVER = (
    f"UPDATE rooms.room SET published_at = {_LAST_MONTH} WHERE room_id = ANY($1::uuid[])",
    f"UPDATE rooms.passage SET joined_at = {_LAST_MONTH} + interval '3 days' WHERE room_id = ANY($1::uuid[])",
    f"UPDATE rooms.session SET starts_at = {_LAST_MONTH} + interval '9 days', "
    f"ends_at = {_LAST_MONTH} + interval '9 days 1 hour' WHERE room_id = ANY($1::uuid[])",
)
_JUST_MET = (
    "UPDATE rooms.passage SET joined_at = now() - interval '4 hours' WHERE room_id = $1",
    "UPDATE rooms.session SET starts_at = now() - interval '3 hours', ends_at = now() - interval '2 hours' "
    "WHERE room_id = $1",
)
_INSIDE = "SELECT count(*) FROM rooms.passage WHERE room_id = $1 AND joined_at IS NOT NULL"


async def a_sponsor(outside: OutsideSystem, delegate: str, name: str) -> str:
    """Register a sponsor with one delegate; return its id."""
    sponsor_id = new_id()
    stated = {"sponsor_id": sponsor_id, "name": name, "kind": "organisation", "delegate_ids": [delegate]}
    await accepted(outside.send("rooms.register-sponsor.v1", stated, actor="system"))
    return sponsor_id


async def a_room_that_met(
    outside: OutsideSystem, backdoor: Backdoor, sponsor_id: str, title: str, people: int
) -> OpenRoom:
    """Return a room of a sponsor, so many people of which were recorded as present at its one session."""
    room = await a_published_room(outside, title=title, policy="open", capacity=8, sponsor={"sponsor_id": sponsor_id})
    members = [await a_known_person(outside, f"{title} {number}") for number in range(people)]
    for person in members:
        await accepted(asks(outside, room, person))

    async def are_inside() -> bool:
        return bool(await backdoor.connection.fetchval(_INSIDE, room.room_id) == people)

    await eventually(are_inside, within=30, message="rooms knows who is in the room")
    session = await plans(outside, room, datetime.now(UTC) + timedelta(days=7))
    for statement in _JUST_MET:
        await backdoor.connection.execute(statement, room.room_id)
    record = {"room_id": room.room_id, "session_id": session["session_id"], "present": members}
    await accepted(outside.send("rooms.record-attendance.v1", record, actor=room.host))
    return room


async def test_a_month_that_is_over_comes_to_each_sponsors_delegate_and_tells_of_no_fewer_than_four(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    delegate, other = await a_known_person(outside, "Dora Weiss"), await a_known_person(outside, "Otto Klein")
    large, small = await a_sponsor(outside, delegate, "Schools of Lucca"), await a_sponsor(outside, other, "Three")
    async with a_backdoor(stack) as backdoor:
        rooms = [
            await a_room_that_met(outside, backdoor, large, "Moretti", 5),
            await a_room_that_met(outside, backdoor, large, "Rossi", 3),
            await a_room_that_met(outside, backdoor, small, "Verdi", 3),
        ]
        stack.services["rooms"].process.stop()
        await backdoor.connection.execute("DELETE FROM rooms.month_fixed")
        for statement in _IS_OVER:
            await backdoor.connection.execute(statement, [each.room_id for each in rooms])
    await stack.services["rooms"].start()

    letter, of_three = [await letter_to(outside, stack, each, "sponsor-report") for each in (delegate, other)]
    lines = [line.strip() for line in letter.text.splitlines()]
    for figure in ("Rooms: 2", "Sessions held: 2", "People in the rooms: 5", "Recorded as present, in all sessions: 5"):
        assert figure in lines, letter.text
    assert "Sessions held: 1" in of_three.text
    assert "People in the rooms" not in of_three.text
    assert "Recorded as present" not in of_three.text

    [page] = {line for line in lines if "/sponsor/" in line}
    async with httpx.AsyncClient() as browser:
        seen = await browser.get(page)
        file = await browser.get(page.replace("?", "/report.csv?by=room&"))
    rows = {row["title"]: row for row in csv.DictReader(file.text.lstrip("\ufeff").splitlines())}
    assert {title: (row["people"], row["attended"]) for title, row in rows.items() if row["key"] != "total"} == {
        "Moretti": ("5", "5"),
        "Rossi": ("", ""),
    }
    for shown in (letter.text, of_three.text, seen.text, file.text):
        assert not [name for name in names_of_members(outside) if name in shown]
    assert "rooms.sponsor-reported.v1" not in outside.events


def names_of_members(outside: OutsideSystem) -> list[str]:
    """Return the names of the people in the rooms."""
    names = [each["display_name"] for each in outside.people.values()]
    return [name for name in names if name[-1].isdigit()]
