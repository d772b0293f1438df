"""A room with somebody at every step of the way into it, and the links of all."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from tests.support.clients.commands import about
from tests.support.clients.outside import Outside
from tests.support.clients.scenes import (
    APPROVE,
    WITHDRAW,
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    does,
)
from tests.support.stack.running import Stack

from practio_contracts.links import LIFETIMES, Link, Purpose
from practio_pages.forms import Forms

LONG_WORD = "Supervisionsgruppenleiterinnenfortbildungsveranstaltung"


@dataclass(frozen=True)
class House:
    """A room with people in it, by where they stand.

    ``farewell`` is what a form of who is leaving holds: however often it is sent, the same comes of it.
    """

    stack: Stack
    room: OpenRoom
    people: Mapping[str, str]
    farewell: str

    def link(self, purpose: Purpose, person: str, *, category: str | None = None, in_room: bool = True) -> str:
        """Give a person's link, as a letter would carry it."""
        room_id = UUID(self.room.room_id) if in_room else None
        return self.stack.links.url(Link(purpose, UUID(person), room_id, category, "en", "Europe/Rome"))

    def way(self, stands: str) -> str:
        """Give the link of the way of whoever stands there."""
        return self.link(Purpose.WAY, self.people[stands])

    def queue(self) -> str:
        """Give the host's link to the room's queue."""
        return self.link(Purpose.QUEUE, self.room.host)

    def form(self, command: str, stands: str) -> str:
        """Give what a form with this command holds, of whoever stands there."""
        return _form(self.stack, command, self.people[stands], self.room)

    def old_form(self, command: str, stands: str) -> str:
        """Give the same, had the page lain open for too long."""
        return _aged(self.stack, self.form(command, stands), salt="practio.form")


async def a_house(outside: Outside, stack: Stack) -> House:
    """Build a room of two seats with somebody invited, asking, waiting, offered a seat, in it, and gone."""
    host = await a_known_person(outside, "Marta Bianchi")
    room = await a_published_room(
        outside,
        host=host,
        capacity=2,
        title=f"Intervision: {LONG_WORD}",
        for_whom="مديرو المدارس الصغيرة",
        access={
            "policy": "approval",
            "waitlist": {"enabled": True},
            "questions": [{"key": "school", "text": "Which school do you lead?", "required": True}],
        },
        roles=[{"name": "participant", "seats": None}, {"name": "keeper of time", "seats": 1}],
        guidelines={"text": "What is said in the room stays in the room."},
        meeting_url=f"https://meet.example.org/{'heads-of-small-schools' * 4}",
    )
    stands = ("joined", "withdrawn", "offered", "waitlisted", "requested", "asking", "leaving", "invited", "none")
    people = {each: await a_known_person(outside, f"Ada {each.title()} {LONG_WORD}") for each in stands}
    invitation = about(room.room_id, people["invited"], message="Come and see.")
    await accepted(outside.send("membership.invite.v1", invitation, actor=host))
    told = {
        "message": f"I lead a small school. {LONG_WORD}",
        "answers": {"school": LONG_WORD},
        "accepted_guidelines": 1,
    }
    for each in ("joined", "withdrawn", "offered", "waitlisted", "requested", "asking", "leaving"):
        await accepted(asks(outside, room, people[each], **told))
        if each not in ("requested", "asking", "leaving"):
            await does(outside, APPROVE, room, people[each], actor=host)
    await does(outside, WITHDRAW, room, people["withdrawn"])
    await outside.hears("membership.seat-offered.v1", person_id=people["offered"])
    return House(stack, room, people, farewell=_form(stack, WITHDRAW, people["leaving"], room))


class _LongAgo(TimestampSigner):
    """Signs as it was signed when every link's time has passed by now."""

    def get_timestamp(self) -> int:
        return super().get_timestamp() - int(max(LIFETIMES.values()).total_seconds()) - 1


def expired(stack: Stack, url: str) -> str:
    """Give the same link as it would be, had it been signed too long ago."""
    start, purpose, token = url.rsplit("/", 2)
    return f"{start}/{purpose}/{_aged(stack, token, salt=f'practio.{purpose}')}"


def forged(url: str, other: str) -> str:
    """Give a link that says what ``other`` does, with the signature of ``url``."""
    return f"{other.rpartition('.')[0]}.{url.rpartition('.')[2]}"


def _form(stack: Stack, command: str, person: str, room: OpenRoom) -> str:
    return Forms([_key(stack)]).written(command, person_id=UUID(person), room_id=UUID(room.room_id))


def _aged(stack: Stack, signed: str, *, salt: str) -> str:
    content = URLSafeTimedSerializer(_key(stack), salt=salt).loads(signed)
    aged: str = URLSafeTimedSerializer(_key(stack), salt=salt, signer=_LongAgo).dumps(content)
    return aged


def _key(stack: Stack) -> str:
    return stack.pages.process.environment["PRACTIO_LINK_KEYS"]
