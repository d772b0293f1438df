"""Real mail out, real mail in: calendars answer the entries of letters, and the sessions know who comes."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from icalendar import Calendar, Event
from tests.support.clients.actions import OpenRoom, a_known_person, a_published_room, accepted, asks, does
from tests.support.clients.commands import Data
from tests.support.clients.operator import practio_started
from tests.support.clients.outside import OutsideSystem
from tests.support.clients.replies import PROGRAMS, a_calendar_reply
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import RunningStack
from tests.support.thorough import mostly_thorough
from tests.system.test_sessions import ROME, change_session, local, plans

_NAMES = count()


@dataclass(frozen=True)
class Asked:
    """A person in a room who was sent the entry of a session."""

    room: OpenRoom
    session: Data
    person: str
    email: str
    stack: RunningStack
    outside: OutsideSystem

    async def entry(self, sequence: int = 1) -> Event:
        """Return the entry of this SEQUENCE that came by mail."""

        async def arrived() -> Event | None:
            return next((each for each in self.entries() if each.sequence == sequence), None)

        return await eventually(arrived, within=60, message=f"an entry with SEQUENCE {sequence}")

    def entries(self) -> list[Event]:
        """Return the entries of the session that came by mail, in the order of their SEQUENCE."""
        parts = [part for letter in self.stack.mailbox.to(self.email) for part in letter.message.walk()]
        calendars = [part.get_content() for part in parts if part.get_content_type() == "text/calendar"]
        events = [event for each in calendars for event in Calendar.from_ical(each).events]
        own = [each for each in events if str(each["UID"]) == self.session["session_id"]]
        return sorted(own, key=lambda each: each.sequence)

    async def coming(self) -> Data:
        """Return how many people come, as the person sees it."""
        data = {"room_id": self.room.room_id, "session_id": self.session["session_id"]}
        answer = await self.outside.query("rooms.get-session.v1", data, actor=self.person)
        counts: Data = answer["result"]["coming"]
        return counts

    async def is_asked_no_more(self) -> bool:
        """Return whether nobody has answered, and nobody is waited for."""
        return not any((await self.coming()).values())


async def somebody_asked(outside: OutsideSystem, stack: RunningStack) -> Asked:
    """Have a person join a room, and the host plan a session."""
    person = await a_known_person(outside)
    room = await a_published_room(outside, time_zone=ROME, policy="open")
    await accepted(asks(outside, room, person))
    await outside.receives("notifications.letter-sent.v1", person_id=person, kind="joined")
    session = await plans(outside, room, datetime.now(UTC) + timedelta(days=7))
    return Asked(room, session, person, outside.people[person]["email"], stack, outside)


def a_reply(asked: Asked, entry: Event, partstat: str, program: str = "google", **other: object) -> bytes:
    """Return the mail of a calendar that answers an entry as it came."""
    fields: dict[str, object] = {
        "organiser": str(entry["ORGANIZER"]).removeprefix("mailto:"),
        "uid": str(entry["UID"]),
        "sequence": entry.sequence,
        "attendee": asked.email,
        "partstat": partstat,
        "stamp": datetime.now(UTC),
    }
    return a_calendar_reply(program, **(fields | other))  # type: ignore[arg-type]  # each is of its own type


@asynccontextmanager
async def a_watched_mailbox(stack: RunningStack, folder: Path) -> AsyncIterator[Process]:
    """Watch a new Maildir until the end of the context, if not before."""
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir()
    watching = await practio_started(stack, "mailbox", "--folder", str(folder), "--watch", "--every", "1", stdin=PIPE)
    try:
        yield watching
    finally:
        if watching.returncode is None:
            watching.terminate()
            await watching.wait()


def put(folder: Path, content: bytes) -> None:
    """Deliver a mail, as mail servers do: written first, then there."""
    name = f"{next(_NAMES)}.host"
    (folder / "tmp" / name).write_bytes(content)
    (folder / "tmp" / name).rename(folder / "new" / name)


async def seen(folder: Path, mails: int) -> None:
    """Wait until so many mails have been dealt with."""
    await eventually(
        lambda: len(list((folder / "cur").glob("*:2,S"))) == mails, within=60, message=f"{mails} mails that are seen"
    )


async def nothing_lost_or_doubled(ledger: Ledger) -> None:
    """Wait until nothing is lost; answers from the mailbox are commands that this outside system did not send."""
    await eventually(lambda: not ledger.lost(), within=60, message=lambda: f"lost: {ledger.lost()}")
    assert not ledger.doubled()


@pytest.mark.parametrize("program", mostly_thorough(sorted(PROGRAMS, key="google".__ne__), first=1))
async def test_an_answer_of_a_calendar_changes_who_comes(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger, tmp_path: Path, program: str
) -> None:
    asked = await somebody_asked(outside, stack)
    entry = await asked.entry()
    assert entry["ATTENDEE"].params["RSVP"] == "TRUE"
    async with a_watched_mailbox(stack, tmp_path):
        put(tmp_path, a_reply(asked, entry, "ACCEPTED", program))
        event = await outside.receives("rooms.session-answered.v1", person_id=asked.person)
        assert event["data"]["coming"] == "yes"
        await seen(tmp_path, 1)
    assert (await asked.coming())["yes"] == 1
    await nothing_lost_or_doubled(ledger)


async def test_forged_foreign_doubled_stale_and_late_answers_change_nothing_and_are_counted(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger, tmp_path: Path
) -> None:
    asked = await somebody_asked(outside, stack)
    entry = await asked.entry()
    async with a_watched_mailbox(stack, tmp_path) as watching:
        yes = a_reply(asked, entry, "ACCEPTED")
        put(tmp_path, yes)
        await seen(tmp_path, 1)
        put(tmp_path, a_reply(asked, entry, "DECLINED", attendee="mallory@example.org"))
        put(tmp_path, a_reply(asked, entry, "DECLINED", uid="another@example.net"))
        put(tmp_path, a_reply(asked, entry, "DECLINED", sequence=0))
        put(tmp_path, a_reply(asked, entry, "DECLINED", stamp=datetime.now(UTC) - timedelta(hours=1)))
        put(tmp_path, yes)
        put(tmp_path, b"Subject: I am on holiday\n\nUntil Monday.")
        await seen(tmp_path, 6)
        assert (await asked.coming())["yes"] == 1

        moved = {"starts_at": local(datetime.now(UTC) + timedelta(days=8))}
        await change_session(outside, asked.room, "reschedule-session", asked.session, **moved)
        after = await asked.entry(sequence=2)
        put(tmp_path, a_reply(asked, entry, "ACCEPTED"))
        await seen(tmp_path, 7)
        assert (await asked.coming())["yes"] == 0
        put(tmp_path, a_reply(asked, after, "TENTATIVE", "outlook-desktop", comment="Das Auto ist in der Werkstatt"))
        await seen(tmp_path, 8)
        assert (await asked.coming())["maybe"] == 1

        await does(outside, "membership.withdraw.v1", asked.room, asked.person)
        await eventually(asked.is_asked_no_more, within=30, message="the answer ends with the seat")
        await outside.receives("notifications.letter-sent.v1", person_id=asked.person, kind="withdrawn")
        put(tmp_path, a_reply(asked, after, "ACCEPTED"))
        await seen(tmp_path, 9)
        assert await asked.is_asked_no_more()

        watching.terminate()
        output, _ = await asyncio.wait_for(watching.communicate(), 30)
    counts = output.decode().strip().splitlines()[-1]
    for expected in (
        "2 answered,",
        "1 answered before",
        "1 not counted, other-address",
        "1 not counted, other-session",
    ):
        assert expected in counts
    assert "4 not counted, outdated" in counts
    await nothing_lost_or_doubled(ledger)
