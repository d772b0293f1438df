"""The whole story of a room in browsers and a mailbox: nobody of these people is known before, and no system helps."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from tests.support.browser.newcomers import PATIENCE_SECONDS, asks_for_a_link, introduces_themselves, link_from
from tests.support.browser.reader import Reader
from tests.support.clients.commands import daytime_zone, new_id
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack
from tests.system.browser.conftest import ReaderFactory
from tests.system.test_sessions import change

from practio_contracts.links import Purpose

TITLE = "Cases of newcomers"
NEW_LINK = "https://meet.example.org/another"
TOPIC = "The first case"
LEARNED = "Begin with the question, not with the case."
ENOUGH_TIME = timedelta(seconds=30)
"""How long a host has, at least, for planning a session before it begins."""


@dataclass(eq=False)
class Newcomer:
    """Somebody with a browser and a mailbox; ``pages`` is how many they have opened by links and buttons."""

    reader: Reader
    stack: RunningStack
    name: str
    email: str
    pages: int = 0

    async def opens_the_letter(self, kind: str, purpose: Purpose | None = None) -> None:
        """Follow the first link in the letter of this kind, or the first for this purpose."""
        await self.comes_to(self.reader.opens(await link_from(self.stack, self.email, kind, purpose)))

    async def follows(self, words: str) -> None:
        """Follow the first link with these words."""
        await self.comes_to(self.reader.follows(self.reader.page.get_by_role("link", name=words, exact=True).first))

    async def fills_in(self, **fields: str) -> None:
        """Type into fields by their names."""
        for name, text in fields.items():
            await self.reader.page.locator(f"[name={name}]").fill(text)

    async def chooses(self, **fields: str) -> None:
        """Choose from lists by their names."""
        for name, value in fields.items():
            await self.reader.page.locator(f"select[name={name}]").select_option(value)

    async def ticks(self, words: str) -> None:
        """Tick the choice with these words."""
        await self.reader.page.get_by_label(words).check()

    async def presses(self, words: str, *, then_reads: str) -> None:
        """Press a button, and read this on the page that follows."""
        await self.comes_to(self.reader.presses(words))
        await self.reads(then_reads)

    async def comes_to(self, opening: Awaitable[int]) -> None:
        """Open a page, which is to be there."""
        assert await opening == 200, await self.reader.words()
        self.pages += 1

    async def reads(self, words: str) -> None:
        """Check that the page has these words."""
        assert words in (shown := await self.reader.words()), shown

    @contextmanager
    def on_at_most(self, pages: int) -> Iterator[None]:
        """Check that no more pages were opened in between."""
        before = self.pages
        yield
        assert self.pages - before <= pages


@asynccontextmanager
async def newcomer(readers: ReaderFactory, stack: RunningStack, name: str) -> AsyncIterator[Newcomer]:
    async with readers() as reader:
        reader.is_patient = True
        yield Newcomer(reader, stack, name, f"{name.lower().replace(' ', '.')}.{new_id()}@example.org")


@pytest.mark.timeout(900)
async def test_a_room_from_the_first_letter_of_its_host_to_the_last_of_everybody(
    stack: RunningStack, readers: ReaderFactory
) -> None:
    async with (
        newcomer(readers, stack, "Noor de Wit") as noor,
        newcomer(readers, stack, "Kofi Mensah") as kofi,
        newcomer(readers, stack, "Ada Moretti") as ada,
    ):
        await introduces_oneself(noor)
        room = await starts_and_publishes_a_room(noor)
        await plans_a_series(noor)
        await invites_a_stranger(noor, kofi)
        await accepts_the_invitation(kofi)
        await requests_to_join(ada, room)
        await approves_the_request(noor, ada)
        await moves_the_next_date(noor)
        await changes_its_link(noor)
        await plans_a_session_that_begins_soon(noor)
        await records_a_note(noor)
        await reads_the_note(kofi)
        await the_session_begins(stack, room)
        await gives_feedback(kofi)
        await sees_that_one_answer_stays_hidden(noor)
        await hands_over(noor, to=kofi)
        await archives(kofi)
        await everybody_got_their_letters(noor, kofi, ada)


async def introduces_oneself(host: Newcomer) -> None:
    await host.reader.opens("/link")
    await asks_for_a_link(host.reader, host.email)
    await host.opens_the_letter("introduce")
    await introduces_themselves(host.reader, host.name)
    await host.follows("Continue to your rooms")


async def starts_and_publishes_a_room(host: Newcomer) -> str:
    """Return the address to pass on."""
    with host.on_at_most(3):
        await host.follows("Start a room")
        await host.follows("Describe the room")
        await host.fills_in(
            title=TITLE,
            domain="Teaching",
            purpose="Think together.",
            time_zone=daytime_zone(),
            meeting_url="https://meet.example.org/newcomers",
        )
        await host.chooses(format="intervision", mode="online", policy="approval")
        await host.presses("Save and see the preview", then_reads="This is how others will see the room.")
    await host.presses("Publish the room", then_reads="Done: the room is published.")
    return await host.reader.page.locator("main a[href*='/room/']").inner_text()


async def plans_a_series(host: Newcomer) -> None:
    await host.opens_the_letter("room-published", Purpose.DESK)
    await host.follows("Plan sessions")
    await host.fills_in(date=f"{_in_the_room() + timedelta(days=7):%Y-%m-%d}", time="18:30", weeks="2")
    await host.ticks("As a series")
    await host.presses("Show the dates", then_reads="The series goes on after these dates.")
    await host.presses("Plan these dates", then_reads="Done: planned.")


async def invites_a_stranger(host: Newcomer, guest: Newcomer) -> None:
    await host.follows("People")
    await host.follows("Invite people")
    await host.fills_in(addresses=f"{guest.name} <{guest.email}>", message="Come and see.")
    await host.presses("Send the invitations", then_reads="Invited.")
    await host.follows("All people in the room")
    assert guest.name not in await host.reader.words()


async def accepts_the_invitation(guest: Newcomer) -> None:
    await guest.opens_the_letter("invited", Purpose.WAY)
    await guest.follows("Introduce yourself")
    await introduces_themselves(guest.reader, guest.name)
    await guest.follows("Continue to the room")
    await guest.presses("Accept the invitation", then_reads="In the room")


async def requests_to_join(guest: Newcomer, room: str) -> None:
    await guest.reader.opens(room)
    await guest.follows("Request to join")
    await asks_for_a_link(guest.reader, guest.email)
    await guest.opens_the_letter("introduce")
    await introduces_themselves(guest.reader, guest.name)
    await guest.follows("Continue to the room")
    await guest.follows("Request to join")
    await guest.fills_in(message="I bring a case.")
    await guest.presses("Request to join", then_reads="Request pending")


async def approves_the_request(host: Newcomer, guest: Newcomer) -> None:
    with host.on_at_most(2):
        await host.opens_the_letter("request-to-decide", Purpose.QUEUE)
        await host.reads(guest.name)
        await host.reads("I bring a case.")
        await host.comes_to(host.reader.follows(host.reader.page.get_by_label(f"Approve now: {guest.name}")))
    await guest.opens_the_letter("joined", Purpose.WAY)
    await guest.reads("In the room")


async def moves_the_next_date(host: Newcomer) -> None:
    with host.on_at_most(3):
        await host.opens_the_letter("request-to-decide", Purpose.DESK)
        await host.follows("Move the session")
        await host.fills_in(date=f"{_in_the_room() + timedelta(days=8):%Y-%m-%d}")
        await host.presses("Show what follows", then_reads="Until now:")
    await host.presses("Move the session", then_reads="Done: moved.")


async def changes_its_link(host: Newcomer) -> None:
    await host.comes_to(host.reader.follows(host.reader.page.get_by_text("Topic, place or link", exact=True).first))
    await host.fills_in(meeting_url=NEW_LINK)
    await host.presses("Show what follows", then_reads=NEW_LINK)
    await host.presses("Make this change", then_reads=NEW_LINK)
    await host.reads("Done: changed.")


async def plans_a_session_that_begins_soon(host: Newcomer) -> None:
    """Plan it for a whole minute, as forms have it."""
    begins = (_in_the_room() + ENOUGH_TIME + timedelta(minutes=1)).replace(second=0, microsecond=0)
    await host.follows("Plan sessions")
    await host.fills_in(date=f"{begins:%Y-%m-%d}", time=f"{begins:%H:%M}", topic=TOPIC)
    await host.presses("Show the dates", then_reads="What follows")
    await host.presses("Plan these dates", then_reads="Done: planned.")


async def records_a_note(host: Newcomer) -> None:
    await host.follows("Notes")
    await host.follows("Write a note")
    await host.chooses(kind="learning")
    await host.fills_in(title="What we learned", text=LEARNED)
    await host.ticks("Only for people in the room")
    await host.presses("Save the note", then_reads="Done: the note is saved.")


async def reads_the_note(member: Newcomer) -> None:
    await member.opens_the_letter("joined", Purpose.WAY)
    await member.reads(NEW_LINK)
    await member.follows("The notes of this room")
    await member.reads(LEARNED)


async def the_session_begins(stack: RunningStack, room: str) -> None:
    """Let it begin now: nobody waits for the whole minute."""
    begins = "UPDATE rooms.session SET starts_at = now() - interval '2 seconds' WHERE room_id = $1 AND topic = $2"
    await change(stack, begins, UUID(room.rpartition("/")[2]), TOPIC)


async def gives_feedback(member: Newcomer) -> None:
    async def can_give_it() -> bool:
        await member.opens_the_letter("joined", Purpose.WAY)
        return await member.reader.page.get_by_role("link", name="Give feedback").count() == 1

    await eventually(can_give_it, within=PATIENCE_SECONDS, message="the session has begun")
    await member.comes_to(member.reader.follows(member.reader.page.get_by_role("link", name="Give feedback")))
    await member.reads(TOPIC)
    await member.ticks("5: very useful")
    await member.presses("Give feedback", then_reads="we have your feedback")


async def sees_that_one_answer_stays_hidden(host: Newcomer) -> None:
    await host.follows("Report")
    await host.reads("No feedback can be shown for this period yet.")


async def hands_over(host: Newcomer, *, to: Newcomer) -> None:
    await host.follows("Offices")
    await host.follows("Hand the room over")
    await host.reader.page.get_by_label("Person").select_option(label=to.name)
    await host.presses(
        "Ask this person to become the host", then_reads=f"Done: {to.name} has been asked to become the host."
    )
    await to.opens_the_letter("hand-over-proposed", Purpose.WAY)
    await to.presses("Become the host", then_reads="Done: you are now the host of this room.")
    assert await host.reader.opens(host.reader.page.url) == 403


async def archives(host: Newcomer) -> None:
    await host.follows("Run the room")
    await host.follows("Close or end")
    await host.follows("Archive the room")
    await host.presses("Archive the room", then_reads="Done: the room is archived.")


async def everybody_got_their_letters(noor: Newcomer, kofi: Newcomer, ada: Newcomer) -> None:
    """Check the letters of each person: nobody gets one about a session that they changed themselves.

    A letter about a session stays unsent if the session has changed again, or begun, before it could leave.
    """
    perhaps = {"session-scheduled", "session-rescheduled"}
    kinds = {
        noor: {"introduce", "room-published", "request-to-decide", "handed-over"},
        kofi: {"invited", "joined", "session-revised", "hand-over-proposed"},
        ada: {"introduce", "requested", "joined", "session-revised", "room-archived"},
    }
    for person, expected in kinds.items():

        def arrived(person: Newcomer = person) -> list[str]:
            return [each.kind for each in person.stack.mailbox.to(person.email)]

        def has_all(arrived: Callable[[], list[str]] = arrived, expected: set[str] = expected) -> bool:
            return expected <= set(arrived())

        await eventually(has_all, within=PATIENCE_SECONDS, message=arrived)
        once = [kind for kind in arrived() if kind not in perhaps]
        assert sorted(once) == sorted(expected)


def _in_the_room() -> datetime:
    return datetime.now(ZoneInfo(daytime_zone()))
