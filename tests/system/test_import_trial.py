"""The trial of an import of members: of each line it says what the import then says."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.clients.actions import (
    APPROVE,
    WITHDRAW,
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    does,
)
from tests.support.clients.commands import Data, about, new_id
from tests.support.clients.operator import practio, practio_ended
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack

LEFT = 3
COLUMNS = ("room_id", "person_id", "roles", "accepted_guidelines", "answer:Case", "answer:size")
QUESTIONS = [{"key": "Case", "text": "Which case would you bring?", "required": True}]
TRIAD = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}, {"name": "observer", "seats": 1}]
NO_WAITLIST = {"enabled": False}

Row = tuple[str, dict[str, str]]
"""The expected outcome of a line, and its cells."""


def a_row(expected: str, room: OpenRoom | str, person: str, **cells: str) -> Row:
    room_id = room if isinstance(room, str) else room.room_id
    return expected, {"room_id": room_id, "person_id": person, **cells}


async def rows_about_rooms(outside: OutsideSystem, person: str) -> Sequence[Row]:
    """Return a line for each refusal that the room, and the content of the line, can bring."""
    open_room = {"policy": "open"}
    closed, invitation, asking, with_rules, triad = await asyncio.gather(
        a_published_room(outside),
        a_published_room(outside, policy="invitation"),
        a_published_room(outside, access=open_room | {"questions": QUESTIONS}),
        a_published_room(outside, guidelines={"text": "What is said here stays here."}),
        a_published_room(outside, roles=TRIAD, policy="open"),
    )
    await accepted(outside.send("rooms.close-room.v1", {"room_id": closed.room_id}, actor=closed.host))
    await outside.receives("rooms.room-closed.v1", room_id=closed.room_id)
    return [
        a_row("room-unknown", new_id(), person),
        a_row("room-not-open", closed, person),
        a_row("invitation-required", invitation, person),
        a_row("holds-office", asking, asking.host),
        a_row("answers-missing", asking, await a_known_person(outside)),
        a_row("joined", asking, person, **{"answer:Case": 'Late\nand "loud"'}),
        a_row("unknown-question", asking, await a_known_person(outside), **{"answer:Case": "late", "answer:size": "7"}),
        a_row("guidelines-not-accepted", with_rules, person),
        a_row("joined", with_rules, await a_known_person(outside), accepted_guidelines="1"),
        a_row("role-unknown", triad, person, roles="coach|guru"),
        a_row("joined", triad, await a_known_person(outside), roles="coach"),
    ]


async def rows_about_seats(outside: OutsideSystem, people: Sequence[str]) -> Sequence[Row]:
    """Return lines for which an earlier line decides: seats, roles and waitlists that it fills."""
    one, two, three = people
    full, full_open, limited, roles = await asyncio.gather(
        a_published_room(outside, capacity=1, waitlist=NO_WAITLIST),
        a_published_room(outside, capacity=1, policy="open", waitlist=NO_WAITLIST),
        a_published_room(outside, capacity=1, waitlist={"enabled": True, "limit": 1}),
        a_published_room(outside, roles=TRIAD, policy="open", waitlist=NO_WAITLIST),
    )
    return [
        a_row("joined", full, one),
        a_row("seat-taken", full, two),
        a_row("joined", full_open, one),
        a_row("waitlist-closed", full_open, two),
        a_row("joined", limited, one),
        a_row("waitlisted", limited, two),
        a_row("waitlist-full", limited, three),
        a_row("joined", roles, one, roles="observer"),
        a_row("role-full", roles, two, roles="observer"),
        a_row("joined", roles, three, roles="observer|coach"),
    ]


async def rows_about_people(outside: OutsideSystem) -> Sequence[Row]:
    """Return a line for each thing that a person's past in the room can bring."""
    room = await a_published_room(
        outside, capacity=9, access={"policy": "approval", "reapply_after_days": 9, "waitlist": {"enabled": True}}
    )
    barred, declined, left, here, waits, erased = [await a_known_person(outside) for _ in range(6)]
    for person in (barred, declined, left, here, waits):
        await accepted(asks(outside, room, person))
    for person in (barred, here):
        await does(outside, APPROVE, room, person, actor=room.host)
    await does(outside, WITHDRAW, room, left)
    await does(outside, "membership.decline-request.v1", room, declined, actor=room.host)
    removal = about(room.room_id, barred, reason="rude", bar=True)
    await accepted(outside.send("membership.remove.v1", removal, actor=room.host))
    await outside.publish_event("people.person-erased.v1", {"person_id": erased})
    await eventually(lambda: is_erased(outside, erased), within=30, message="membership has erased the person")
    return [
        a_row("barred", room, barred),
        a_row("reapply-later", room, declined),
        a_row("joined", room, left),
        a_row("joined", room, here),
        a_row("joined", room, waits),
        a_row("person-erased", room, erased),
    ]


async def is_erased(outside: OutsideSystem, person: str) -> bool:
    answer = await outside.query("membership.list-memberships.v1", {"person_id": person}, actor=person)
    return answer.get("code") == "person-erased"


def written(file: Path, rows: Sequence[Row]) -> Path:
    """Write rows as a spreadsheet does: ``sep=;``, UTF-16, line breaks in quotation marks."""
    lines = ["sep=;", ";".join(COLUMNS)]
    for _, cells in rows:
        quoted = (cells.get(name, "").replace('"', '""') for name in COLUMNS)
        lines.append(";".join(f'"{cell}"' if cell else "" for cell in quoted))
    file.write_text("\r\n".join(lines), encoding="utf-16", newline="")
    return file


def outcomes(report: Data) -> list[str]:
    """Return the outcome of each line: the status that the person has, or would have, or the code of a refusal."""
    return [_outcome(line) for line in report["lines"]]


def _outcome(line: dict[str, Any]) -> str:
    if line["outcome"] == "refused":
        return str(line["detail"].partition(":")[0])
    return str(line["detail"] if line["outcome"] == "ready" else line["outcome"])


async def test_a_trial_says_of_each_line_what_the_import_then_says_and_changes_nothing(
    outside: OutsideSystem, stack: RunningStack, tmp_path: Path
) -> None:
    people = [await a_known_person(outside) for _ in range(3)]
    rows = [
        *(await rows_about_rooms(outside, people[0])),
        *(await rows_about_seats(outside, people)),
        *(await rows_about_people(outside)),
    ]
    file = written(tmp_path / "room.csv", rows)
    expected = [outcome for outcome, _ in rows]

    trial = json.loads(await practio(stack, "import-members", str(file), "--json", exits=LEFT))
    again = json.loads(await practio(stack, "import-members", str(file), "--json", exits=LEFT))
    real = json.loads(await practio(stack, "import-members", str(file), "--for-real", "--json", exits=LEFT))

    assert outcomes(trial) == expected
    assert again == trial
    assert outcomes(real) == expected
    details = [[line["detail"] for line in report["lines"] if line["outcome"] == "refused"] for report in (trial, real)]
    assert details[0] == details[1]
    assert {line["note"] for line in trial["lines"]} == {None}


async def test_a_trial_names_people_who_are_not_registered_and_the_rest_of_a_long_file(
    outside: OutsideSystem, stack: RunningStack, tmp_path: Path
) -> None:
    room = await a_published_room(outside, capacity=501, waitlist={"enabled": True, "limit": 2})
    known, people = await a_known_person(outside), [new_id() for _ in range(504)]
    rows = [a_row("", room, each) for each in [known, *people]]
    trial = json.loads(
        await practio(stack, "import-members", str(written(tmp_path / "room.csv", rows)), "--json", exits=LEFT)
    )
    assert outcomes(trial) == ["joined"] * 501 + ["waitlisted"] * 2 + ["waitlist-full"] * 2
    notes = [line["note"] for line in trial["lines"]]
    assert notes[0] is None
    assert {*notes[1:503]} == {"the person is not registered: no letter leaves to them until they are"}
    assert notes[503:] == [None, None]
    text = await practio(stack, "import-members", str(tmp_path / "room.csv"), exits=LEFT)
    assert "line 505: ready: waitlisted; the person is not registered" in text
    assert "503 ready, 2 refused" in text


async def test_an_account_that_may_not_ask_for_names_tries_all_the_same(
    outside: OutsideSystem, stack: RunningStack, tmp_path: Path
) -> None:
    room = await a_published_room(outside, capacity=1)
    file = written(tmp_path / "room.csv", [a_row("", room, new_id()) for _ in range(2)])
    grants = ("--may", "membership.*", "--as-system")
    account = json.loads(await practio(stack, "publisher", "add", f"importer-{new_id()[:8]}", *grants, "--json"))
    exit_code, output, complaint = await practio_ended(
        stack, "import-members", str(file), PRACTIO_PUBLISHER_URL=account["url"]
    )
    assert (exit_code, output.splitlines()[:2]) == (0, ["line 4: ready: waitlisted", "2 ready"])
    assert "may not send notifications.name-people.v1" in complaint


async def test_the_line_of_an_erased_person_is_refused_until_the_erasure_is_ended(
    outside: OutsideSystem, stack: RunningStack, tmp_path: Path
) -> None:
    erased, new = await a_known_person(outside), new_id()
    await practio(stack, "erase-person", erased, "--yes")
    lines = [f"{each},Ada,{each}@example.org,it,Europe/Rome" for each in (erased, new)]
    file = tmp_path / "people.csv"
    file.write_text("\n".join(["person_id,display_name,email,locale,time_zone", *lines]), encoding="utf-8")

    trial = await practio(stack, "import-people", str(file), exits=LEFT)
    assert "line 2: refused: person-erased: this person was erased" in trial
    assert "1 refused, 1 ready" in trial
    real = json.loads(await practio(stack, "import-people", str(file), "--for-real", "--json", exits=LEFT))
    assert [line["outcome"] for line in real["lines"]] == ["refused", "told"]
    await practio(stack, "restore-person", erased)
    again = json.loads(await practio(stack, "import-people", str(file), "--for-real", "--json"))
    assert [line["outcome"] for line in again["lines"]] == ["told", "done before"]
    room = await a_published_room(outside, policy="open")
    await accepted(asks(outside, room, erased))
    await outside.receives("notifications.letter-sent.v1", person_id=erased, kind="joined")


async def test_an_import_without_the_database_says_that_it_did_not_look_for_erased_people(
    stack: RunningStack, tmp_path: Path
) -> None:
    person = new_id()
    file = tmp_path / "people.csv"
    row = f"{person},Ada,{person}@example.org,it,Europe/Rome"
    file.write_text(f"person_id,display_name,email,locale,time_zone\n{row}", encoding="utf-8")
    exit_code, output, complaint = await practio_ended(stack, "import-people", str(file), PRACTIO_DATABASE_URL="")
    assert (exit_code, output.splitlines()[0]) == (0, "1 ready")
    assert "Whether people are erased was not checked: PRACTIO_DATABASE_URL" in " ".join(complaint.split())
