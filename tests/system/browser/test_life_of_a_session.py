"""A triad's session as people live it: at risk, moved with calendars, held, recorded by its code, learned from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from icalendar import Event
from tests.support.browser.reader import Reader
from tests.support.clients.actions import (
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    does,
)
from tests.support.clients.commands import Data, about
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack
from tests.system.browser.conftest import ReaderFactory
from tests.system.test_calendar_answers import Asked, a_reply, a_watched_mailbox, put, seen
from tests.system.test_letters import letter_to
from tests.system.test_sessions import change, plans

from practio_contracts.links import Link, Purpose

pytestmark = pytest.mark.thorough  # the whole story has a session too; the services show each step

HERE = "You are checked in: those who run the room know that you came."


def link(stack: RunningStack, room: OpenRoom, person: str, session: str | None = None) -> str:
    """Return a person's link to a session of the room, or to its desk."""
    purpose = Purpose.SESSION if session else Purpose.DESK
    about = UUID(session) if session else None
    found = Link(purpose, UUID(person), UUID(room.room_id), locale="en", time_zone="Europe/Rome", session_id=about)
    return stack.links.url(found)


async def takes_place(stack: RunningStack, session: str, *, begins_in: timedelta, minutes: float = 60) -> None:
    """Move a session behind the services' back, with the answers to it, and let what watches it be due."""
    starts_at = datetime.now(UTC).replace(microsecond=0) + begins_in
    for table in ("session", "session_answer"):
        times = f"UPDATE rooms.{table} SET starts_at = $2, ends_at = $3 WHERE session_id = $1"
        await change(stack, times, session, starts_at, starts_at + timedelta(minutes=minutes))
    begins = "snapshot = jsonb_set(snapshot, '{starts_at}', to_jsonb($2::text))"
    copy = f"UPDATE notifications.session SET {begins} WHERE session_id = $1"
    await change(stack, copy, session, starts_at.isoformat())


async def ends(stack: RunningStack, session: str) -> None:
    """Let a session that has begun be over, behind the service's back."""
    await change(stack, "UPDATE rooms.session SET ends_at = date_trunc('second', now()) WHERE session_id = $1", session)


async def watched(stack: RunningStack, room: OpenRoom) -> None:
    """Let the timers of the room be due."""
    await change(stack, "UPDATE rooms.timer SET due_at = now() WHERE key LIKE '%' || $1 || '%'", room.room_id)


@dataclass(frozen=True)
class Triad:
    """A triad with its three people, and a planned session; ``reader`` is the browser of the person who acts."""

    outside: OutsideSystem
    stack: RunningStack
    reader: Reader
    room: OpenRoom
    members: list[str]
    planned: Data

    @property
    def session(self) -> str:
        """Return the id of the session."""
        return str(self.planned["session_id"])

    def page(self, person: str) -> str:
        """Return a person's link to the session."""
        return link(self.stack, self.room, person, self.session)

    async def answers(self) -> None:
        """One says no, with a note, and another yes."""
        first, second, _ = self.members
        await eventually(lambda: _opens(self.reader, self.page(first)), within=30, message="the page opens")
        await self.reader.page.get_by_label("A note (optional)").fill("I am at a conference.")
        assert await self.reader.presses("Not this time") == 200
        assert "you are not coming. You keep your seat." in await self.reader.words()
        await self.comes(second)

    async def comes(self, person: str) -> None:
        """A person says that they come."""
        await self.reader.opens(self.page(person))
        assert await self.reader.presses("I am coming") == 200

    async def is_at_risk(self) -> None:
        """Two days before, the service finds that one person is missing, and writes to the host."""
        for member in self.members:
            await self.outside.receives("notifications.letter-sent.v1", person_id=member, kind="session-scheduled")
        await takes_place(self.stack, self.session, begins_in=timedelta(hours=47))
        await watched(self.stack, self.room)
        at_risk = await self.outside.receives("rooms.session-at-risk.v1", session_id=self.session)
        assert (at_risk["data"]["coming"]["no"], at_risk["data"]["people_needed"]) == (1, 1)
        letter = await letter_to(self.outside, self.stack, self.room.host, "session-at-risk")
        assert "One more person is needed." in letter.text

    async def is_moved(self) -> None:
        """The host finds on the desk who is missing, and moves the date; nobody has answered for the new one."""
        reader = self.reader
        await reader.opens(link(self.stack, self.room, self.room.host))
        assert "The next session may not be able to run" in await reader.words()
        await reader.follows(reader.page.get_by_role("link", name="Who is coming, and what can be done"))
        assert "I am at a conference." in await reader.words()
        await reader.follows(reader.page.get_by_role("link", name="Move the session"))
        await reader.page.get_by_label("Date").fill(f"{datetime.now(UTC) + timedelta(days=7):%Y-%m-%d}")
        assert await reader.presses("Show what follows") == 200
        assert "3 people will be asked again whether they are coming." in await reader.words()
        assert await reader.presses("Move the session") == 200
        await self.outside.receives("rooms.session-rescheduled.v1", session_id=self.session)
        await reader.opens(self.page(self.room.host))
        assert "No answer yet 3" in await reader.words()

    async def calendars_follow(self, mailbox: Path) -> None:
        """The letters of two people move their entries; only an answer to the entry as it is now counts."""
        moved = await self.outside.receives("rooms.session-rescheduled.v1", session_id=self.session)
        now_at = datetime.fromisoformat(moved["data"]["session"]["starts_at"])
        first, *_, third = self.members
        former, present = await self.entries(first, now_at), await self.entries(third, now_at)
        async with a_watched_mailbox(self.stack, mailbox):
            put(mailbox, a_reply(self.asked(first), former[0], "ACCEPTED"))
            await seen(mailbox, 1)
            assert await self.answers_shown() == "Coming 0 Maybe 0 Not this time 0 No answer yet 3"
            put(mailbox, a_reply(self.asked(third), present[1], "ACCEPTED", "apple"))
            await seen(mailbox, 2)
            assert await self.answers_shown() == "Coming 1 Maybe 0 Not this time 0 No answer yet 2"

    async def entries(self, person: str, now_at: datetime) -> Sequence[Event]:
        """Return the entry that a person was sent first, and the one that moved it; check that it is the same one."""
        asked = self.asked(person)

        async def moved() -> bool:
            return any(each.start == now_at for each in asked.entries())

        await eventually(moved, within=60, message="an entry with the new time")
        *former, present = asked.entries()
        assert present.start == now_at
        assert {str(each["UID"]) for each in (*former, present)} == {self.session}
        assert all(each.sequence < present.sequence and each.start < now_at for each in former)
        return former[0], present

    def asked(self, person: str) -> Asked:
        """Return a person with the session that their calendar is asked about."""
        email = self.outside.people[person]["email"]
        return Asked(self.room, self.planned, person, email, self.stack, self.outside)

    async def answers_shown(self) -> str:
        """Return how many people come, as the host sees it on the session's page."""
        await self.reader.opens(self.page(self.room.host))
        return " ".join((await self.reader.page.locator("section[aria-labelledby=people] dl").inner_text()).split())

    async def a_guest_stays(self) -> str:
        """While it runs, the host gives a guest a seat beyond the three; return who it is."""
        guest = await a_known_person(self.outside, "Elif Demir")
        invited = about(self.room.room_id, guest, over_capacity=True, role="observer")
        await accepted(self.outside.send("membership.invite.v1", invited, actor=self.room.host))
        await does(self.outside, "membership.accept-invitation.v1", self.room, guest)
        return guest

    async def is_planned(self) -> None:
        """The host saves the roles that are proposed."""
        await self.reader.follows(self.reader.page.get_by_role("link", name="Plan roles, cases and guests"))
        assert await self.reader.presses("Save the plan") == 200
        assert "Done: planned." in await self.reader.words()

    async def code(self) -> str:
        """Return the address behind the code that the host shows once the session has begun."""
        await takes_place(self.stack, self.session, begins_in=-timedelta(seconds=2))
        await self.reader.opens(f"{self.page(self.room.host)}/code")
        assert await self.reader.page.locator("svg.code").is_visible()
        code = await self.reader.page.get_by_role("link", name="The check-in page").get_attribute("href")
        assert code is not None
        return code

    async def checks_in_by_phone(self, phone: Reader, person: str) -> None:
        """A person without a link at hand gets one by the code, and checks in."""
        assert await phone.opens(await self.code()) == 200
        assert "Marta" not in await phone.words()
        await phone.page.get_by_label("Your email address").fill(self.outside.people[person]["email"])
        assert await phone.presses("Send me a link") == 200
        sent = await letter_to(self.outside, self.stack, person, "link")
        found = re.search(rf"{self.stack.pages_url}/rooms/[\w.-]+", sent.text)
        assert found
        await phone.opens(found[0])
        await phone.follows(phone.page.get_by_role("link", name="I am here"))
        assert await phone.presses("I am here") == 200
        assert HERE in await phone.words()

    async def checks_in(self, person: str) -> None:
        """A person checks in by their own link, and presses twice."""
        await self.reader.opens(self.page(person))
        for _ in range(2):
            assert await self.reader.presses("I am here") == 200

    async def is_recorded(self, person: str) -> None:
        """The host adds a person who did not check in."""
        await self.reader.opens(self.page(self.room.host) + "/attendance")
        await self.reader.page.get_by_label(self.outside.people[person]["display_name"], exact=True).check()
        assert await self.reader.presses("Record who came") == 200
        assert "3 people came" in await self.reader.words()
        recorded = await self.outside.receives("rooms.attendance-recorded.v1", session_id=self.session, present_count=3)
        assert "present" not in recorded["data"]

    async def is_reported(self, guest: str) -> None:
        """Once it is over, the report counts who came; what people say is shown once four have said it."""
        for rating, member in zip(("3", "4", "5: very useful"), self.members, strict=True):
            await gives_feedback(self.reader, self.page(member), rating)
        await ends(self.stack, self.session)
        await watched(self.stack, self.room)
        await self.outside.receives("rooms.session-over.v1", session_id=self.session)
        figures = ("Seats used 3", "Recorded as present 3 in one session")
        await self.report_shows(*figures, "No feedback can be shown")
        await gives_feedback(self.reader, self.page(guest), "4")
        await self.report_shows(*figures, "Average 4 Answers 4")

    async def report_shows(self, *figures: str) -> None:
        """Check what the host reads in the report."""
        await self.reader.opens(f"{link(self.stack, self.room, self.room.host)}/report")
        shown = await self.reader.words()
        assert [each for each in figures if each not in shown] == []


async def a_triad(outside: OutsideSystem, stack: RunningStack, reader: Reader) -> Triad:
    """Return a triad with a session in five days."""
    host = await a_known_person(outside, "Marta Bianchi")
    room = await a_published_room(
        outside, host=host, capacity=3, policy="open", format="peer-coaching", time_zone="Europe/Rome", roles=None
    )
    members = [await a_known_person(outside, f"Ada {name}") for name in ("Moretti", "Conti", "Ricci")]
    for member in members:
        await accepted(asks(outside, room, member))
    planned = await plans(outside, room, datetime.now(UTC) + timedelta(days=5))
    return Triad(outside, stack, reader, room, members, planned)


async def test_a_triad_at_risk_is_moved_with_its_calendars_runs_and_is_learned_from(
    outside: OutsideSystem, stack: RunningStack, reader: Reader, readers: ReaderFactory, tmp_path: Path
) -> None:
    triad = await a_triad(outside, stack, reader)
    first, second, third = triad.members
    await triad.answers()
    await triad.is_at_risk()
    await triad.is_moved()
    await triad.calendars_follow(tmp_path)
    await triad.is_planned()
    async with readers() as phone:
        await triad.checks_in_by_phone(phone, first)
    await triad.checks_in(second)
    guest = await triad.a_guest_stays()
    await triad.is_recorded(third)
    await triad.is_reported(guest)


async def gives_feedback(reader: Reader, page: str, rating: str) -> None:
    await eventually(lambda: _opens(reader, page), within=30, message="the page opens")
    await reader.follows(reader.page.get_by_role("link", name="Give feedback on this session"))
    await reader.page.get_by_label(rating, exact=True).check()
    assert await reader.presses("Give feedback") == 200


async def _opens(reader: Reader, page: str) -> bool:
    return await reader.opens(page) == 200
