"""After a full run, exports have all that is stored of its people; after their erasure, nothing is left anywhere."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from tests.support.browser.http import Browser, a_browser
from tests.support.clients.actions import (
    APPROVE,
    REQUEST,
    WITHDRAW,
    OpenRoom,
    a_published_room,
    a_session_that_begins,
    accepted,
    asks,
)
from tests.support.clients.commands import a_person, about, new_id
from tests.support.clients.operator import practio
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.database import a_fault
from tests.support.faults.unrouted import publish_unrouted
from tests.support.oracles.dead_letters import dead_letter
from tests.support.oracles.traces_of_people import in_logs, in_queues, in_tables, traces_of
from tests.support.stack.running import RunningStack
from tests.system.test_letters import letter_to

from practio_contracts.links import Link, Purpose

RECORD_NOTE = "rooms.record-note.v1"
GIVE_FEEDBACK = "rooms.give-feedback.v1"
SEND_LINK = "notifications.send-link.v1"
REPORT_BOUNCE = "notifications.report-bounce.v1"
ACCESS = {
    "policy": "approval",
    "waitlist": {"enabled": True},
    "questions": [{"key": "case", "text": "Which case?", "required": True}],
}


@dataclass
class Traceable:
    """A person, and the words by which they could be found: all unlike any others."""

    person_id: str = field(default_factory=new_id)
    words: list[str] = field(default_factory=list)

    def word(self) -> str:
        """Return a new word of theirs."""
        self.words.append(f"zq{new_id().replace('-', '')}")
        return self.words[-1]

    def address(self) -> str:
        """Return a new address of theirs."""
        return f"{self.word()}@{self.word()}.example.org"

    def wrote(self) -> str:
        """Return a text of theirs, with a name and an address in it."""
        return f"I am {self.word()}, write to {self.address()}!"

    async def registers(self, outside: OutsideSystem) -> None:
        """Become known to the directory."""
        person = a_person(f"{self.word()} {self.word()}", person_id=self.person_id, email=self.address())
        await outside.register(person)

    async def moves(self, outside: OutsideSystem) -> None:
        """Get another name and another address."""
        changed = outside.people[self.person_id] | {"display_name": self.word(), "email": self.address()}
        outside.people[self.person_id] = changed
        await outside.publish_event("people.person-changed.v1", changed)

    def email(self, outside: OutsideSystem) -> str:
        """Return the present address."""
        email: str = outside.people[self.person_id]["email"]
        return email

    def link(self, stack: RunningStack, purpose: Purpose, room: OpenRoom) -> str:
        """Return a link of the person's."""
        return stack.links.url(Link(purpose, UUID(self.person_id), UUID(room.room_id), locale="en"))


@pytest.mark.thorough
@pytest.mark.timeout(600)
async def test_exports_have_all_data_of_people_and_nothing_is_left_anywhere_once_they_are_erased(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    host, joins, waits, declined = people = [Traceable() for _ in range(4)]
    for person in people:
        await person.registers(outside)
    room = await a_published_room(outside, host=host.person_id, capacity=1, access=ACCESS)
    async with a_browser() as browser:
        await people_request(outside, stack, browser, room, people)
        await they_take_part(outside, room, joins)
        await links_are_asked_for(outside, stack, browser, declined)
    await addresses_change_and_bounce(outside, stack, joins, waits)
    await messages_die(outside, stack, room, joins, waits, declined)
    leaving = about(room.room_id, joins.person_id, reason=joins.wrote())
    await accepted(outside.send(WITHDRAW, leaving, actor=joins.person_id))
    await letter_to(outside, stack, joins.person_id, "withdrawn")

    words = [word for person in people for word in person.words]
    stored = {word for _, word in await in_tables(stack, words)}
    assert stored, "the run leaves traces in tables"
    assert {word for _, word in await in_queues(stack, words)}, "and in queues"
    assert in_logs(stack, words) == set()
    for person in people:
        export = (await practio(stack, "export-person", person.person_id)).lower()
        assert {word for word in stored.intersection(person.words) if word not in export} == set()
    for person in people:
        await practio(stack, "erase-person", person.person_id, "--yes")
    assert await traces_of(stack, words) == set()


async def people_request(
    outside: OutsideSystem, stack: RunningStack, browser: Browser, room: OpenRoom, people: list[Traceable]
) -> None:
    """Three people request, by message and by page; one gets the seat, one waits, one is declined."""
    host, joins, waits, declined = people
    for person in (joins, waits):
        request = {"message": person.wrote(), "answers": {"case": person.wrote()}}
        await accepted(asks(outside, room, person.person_id, **request))
    page = await browser.sees(f"{declined.link(stack, Purpose.WAY, room)}/ask")
    await browser.sends(page, **{"message": declined.wrote(), "answer.case": declined.wrote()})
    await letter_to(outside, stack, declined.person_id, "requested")
    for person in (joins, waits):
        decision = {"room_id": room.room_id, "person_id": person.person_id, "note": person.wrote()}
        await accepted(outside.send(APPROVE, decision, actor=host.person_id))
    queue = await browser.sees(host.link(stack, Purpose.QUEUE, room))
    await browser.sends(queue, **{f"decide-{declined.person_id}": "decline", "reason": declined.wrote()})
    for person, kind in ((joins, "joined"), (waits, "waitlisted"), (declined, "declined")):
        await letter_to(outside, stack, person.person_id, kind)


async def they_take_part(outside: OutsideSystem, room: OpenRoom, joins: Traceable) -> None:
    """A participant writes a note and gives feedback; both stay, without their author."""
    session_id = await a_session_that_begins(outside, room)
    note: dict[str, object] = {
        "room_id": room.room_id,
        "note_id": new_id(),
        "kind": "case",
        "title": "Late",
        "text": "What it costs.",
    }
    feedback = {"room_id": room.room_id, "session_id": session_id, "useful": 5, "comment": "Good."}
    commands: list[tuple[str, dict[str, object]]] = [(RECORD_NOTE, note), (GIVE_FEEDBACK, feedback)]
    for command, data in commands:

        async def is_taken(command: str = command, data: dict[str, object] = data) -> bool:
            return "state" in await outside.send(command, data, actor=joins.person_id)

        await eventually(is_taken, within=30, pause=0.2, message=f"{command} is accepted")


async def links_are_asked_for(
    outside: OutsideSystem, stack: RunningStack, browser: Browser, declined: Traceable
) -> None:
    """A person asks for a link on the page, and so does somebody by an outside system."""
    await browser.sends(await browser.sees(f"{stack.pages_url}/link"), email=declined.email(outside).upper())
    await letter_to(outside, stack, declined.person_id, "link")
    await accepted(outside.send(SEND_LINK, {"email": declined.email(outside)}, actor=new_id()))


async def addresses_change_and_bounce(
    outside: OutsideSystem, stack: RunningStack, joins: Traceable, waits: Traceable
) -> None:
    """Letters come back: to the address that a person had before, and to the present one of another."""
    letter = await letter_to(outside, stack, joins.person_id, "joined")
    before = joins.email(outside)
    await joins.moves(outside)
    letter_id = letter.message_id.strip("<>").split("@")[0]
    bounced = {"email": before, "kind": "hard", "letter_id": letter_id, "detail": f"<{before}>: unknown"}
    await accepted(outside.send(REPORT_BOUNCE, bounced, actor="system"))
    present = waits.email(outside)
    for kind in ("soft", "hard"):
        report = {"email": present, "kind": kind, "detail": f"{waits.word()} has left"}
        await accepted(outside.send(REPORT_BOUNCE, report, actor="system"))


async def messages_die(
    outside: OutsideSystem, stack: RunningStack, room: OpenRoom, joins: Traceable, waits: Traceable, declined: Traceable
) -> None:
    """Messages by and about people become dead letters, of a failing service and of invalid data, or are unrouted."""
    request = about(room.room_id, declined.person_id, message=declined.wrote(), answers={"case": declined.wrote()})
    dying = [
        ("membership", outside.envelope(REQUEST, request, actor=declined.person_id)),
        ("notifications", outside.envelope(SEND_LINK, {"email": waits.email(outside)}, actor=new_id())),
    ]
    for service, event in dying:
        async with a_fault(stack, service=service, message_id=event["id"]):
            await outside.publish(COMMANDS, event)
            await dead_letter(stack, event["id"])
    for unrouted in ({"person_id": joins.person_id, "nickname": joins.word()}, {"email": waits.email(outside)}):
        await publish_unrouted(stack, unrouted)
    invalid = a_person(joins.word(), person_id=joins.person_id, email=joins.address(), locale=3)
    await dead_letter(stack, (await outside.publish_event("people.person-changed.v1", invalid))["id"])
