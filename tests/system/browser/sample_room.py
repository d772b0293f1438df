"""A room with a person at every step of joining it, and the links of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from tests.support.clients.actions import (
    ACCEPT,
    APPROVE,
    FEEDBACK,
    WITHDRAW,
    OpenRoom,
    a_known_person,
    a_published_room,
    a_session_that_begins,
    accepted,
    asks,
    does,
)
from tests.support.clients.commands import a_room, about, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.stack.running import RunningStack
from tests.system.test_sessions import change

from practio_contracts.links import LIFETIMES, Link, Purpose
from practio_pages.forms import Forms

_OVER = """
UPDATE rooms.session SET starts_at = starts_at - interval '1 day', ends_at = ends_at - interval '1 day'
WHERE session_id = $1
"""
LONG_WORD = "Supervisionsgruppenleiterinnenfortbildungsveranstaltung"


@dataclass(frozen=True)
class SampleRoom:
    """A room with people in it, by their status; ``introduced`` is one whom nobody knows but by an address.

    ``leave_form`` is the form of a person who leaves: however often it is sent, the outcome is the same. So it is with
    ``feedback_form``, the form of the person in the room about ``session``, if one has begun.

    ``coming`` is a session of a series that is to come, ``sponsor`` one whose delegate the person in the room is.
    ``beside`` are the ids of other rooms of the host's, a draft and a closed one, and of notes of the host and of the
    person in the room.
    """

    stack: RunningStack
    room: OpenRoom
    people: Mapping[str, str]
    leave_form: str
    session: str | None = None
    coming: str | None = None
    feedback_form: str = ""
    sponsor: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)

    def sponsor_link(self, status: str) -> str:
        """Return the link to the report of the sponsor, whose delegate the person in the room is."""
        link = Link(Purpose.SPONSOR, UUID(self.people[status]), locale="en", sponsor_id=UUID(self.sponsor))
        return self.stack.links.url(link)

    def link(
        self, purpose: Purpose, person: str, *, category: str | None = None, in_room: bool = True, room: str = ""
    ) -> str:
        """Return a person's link, as a letter would carry it; to this room if no other ``room`` is named."""
        room_id = UUID(room or self.room.room_id) if in_room else None
        return self.stack.links.url(Link(purpose, UUID(person), room_id, category, "en", "Europe/Rome"))

    def ended_link(self) -> str:
        """Return a link with a version that is not that of its person's links."""
        return self.stack.links.url(Link(Purpose.PREFERENCES, UUID(self.people["joined"]), locale="en", version=7))

    def membership_link(self, status: str) -> str:
        """Return the link to the membership of the person with this status."""
        return self.link(Purpose.WAY, self.people[status])

    def requests_link(self) -> str:
        """Return the host's link to the room's requests."""
        return self.link(Purpose.QUEUE, self.room.host)

    def desk_link(self, room: str = "") -> str:
        """Return the host's link to the desk of the room, or of another one that is named ``beside`` it."""
        return self.link(Purpose.DESK, self.room.host, room=self.beside[room] if room else "")

    def draft_link(self) -> str:
        """Return the host's link to their draft, without the page of it."""
        return f"{self.link(Purpose.START, self.room.host, in_room=False)}/room/{self.beside['draft']}"

    def feedback_link(self, status: str) -> str:
        """Return the link to the form of feedback on the session, for the person with this status."""
        assert self.session is not None
        person, room_id, session_id = (UUID(each) for each in (self.people[status], self.room.room_id, self.session))
        link = Link(Purpose.FEEDBACK, person, room_id, locale="en", time_zone="Europe/Rome", session_id=session_id)
        return self.stack.links.url(link)

    def session_link(self, person: str, *, coming: bool = False, purpose: Purpose = Purpose.SESSION) -> str:
        """Return a person's link to the session that has begun, or to the one that is to come."""
        session = self.coming if coming else self.session
        assert session is not None
        who, room = UUID(person), UUID(self.room.room_id)
        link = Link(purpose, who, room, locale="en", time_zone="Europe/Rome", session_id=UUID(session))
        return self.stack.links.url(link)

    def form(self, command: str, status: str) -> str:
        """Return the form with this command, for the person with this status."""
        return _form(self.stack, command, self.people[status], self.room)

    def old_form(self, command: str, status: str) -> str:
        """Return the same form as if the page had been open for too long."""
        return _aged(self.stack, self.form(command, status), salt="practio.form")


async def a_sample_room(outside: OutsideSystem, stack: RunningStack) -> SampleRoom:
    """Create a room of two seats with people invited, requesting, waiting, offered a seat, joined, and gone."""
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
    status = ("joined", "withdrawn", "offered", "waitlisted", "requested", "asking", "leaving", "invited", "none")
    people = {each: await a_known_person(outside, f"Ada {each.title()} {LONG_WORD}") for each in status}
    stranger = {"email": f"{room.room_id}@introduced.example"}
    introduced = await accepted(outside.send("notifications.introduce.v1", stranger, actor="system"))
    people["introduced"] = introduced["person_id"]
    invitation = about(room.room_id, people["invited"], message="Come and see.")
    await accepted(outside.send("membership.invite.v1", invitation, actor=host))
    request = {
        "message": f"I lead a small school. {LONG_WORD}",
        "answers": {"school": LONG_WORD},
        "accepted_guidelines": 1,
    }
    for each in ("joined", "withdrawn", "offered", "waitlisted", "requested", "asking", "leaving"):
        await accepted(asks(outside, room, people[each], **request))
        if each not in ("requested", "asking", "leaving"):
            await does(outside, APPROVE, room, people[each], actor=host)
    await does(outside, WITHDRAW, room, people["withdrawn"])
    await outside.receives("membership.seat-offered.v1", person_id=people["offered"])
    sponsor: dict[str, Any] = {
        "sponsor_id": new_id(),
        "name": LONG_WORD,
        "kind": "organisation",
        "delegate_ids": [people["joined"]],
    }
    await accepted(outside.send("rooms.register-sponsor.v1", sponsor, actor="system"))
    form = _form(stack, WITHDRAW, people["leaving"], room)
    return SampleRoom(stack, room, people, leave_form=form, sponsor=sponsor["sponsor_id"])


async def with_a_session(outside: OutsideSystem, sample_room: SampleRoom) -> SampleRoom:
    """Return the room with a session that has begun, one that is over, with attendance, and one that is to come.

    A steward looks after it, and has a concern to read; somebody was thanked.
    """
    room = sample_room.room
    steward = await a_known_person(outside, f"Stella {LONG_WORD}")
    appointed = {"room_id": room.room_id, "person_id": steward, "office": "steward"}
    await accepted(outside.send("rooms.appoint.v1", appointed, actor=room.host))
    series = {"recurrence": {"rrule": "FREQ=WEEKLY;COUNT=3"}, "topic": LONG_WORD, "duration_minutes": 90}
    named = {"room_id": room.room_id, "session_id": new_id(), "starts_at": "2900-03-02T18:30"}
    await accepted(outside.send("rooms.schedule-session.v1", named | series, actor=room.host))
    plan = {"case_by": [sample_room.people["joined"]], "guests": [LONG_WORD]}
    dated = {"room_id": room.room_id, "session_id": named["session_id"]}
    await accepted(outside.send("rooms.plan-session.v1", dated | plan, actor=room.host))
    joined, host = sample_room.people["joined"], room.host
    past = await a_session_that_begins(outside, room)
    recorded = {"room_id": room.room_id, "session_id": past, "present": [joined], "absent": []}
    await accepted(outside.send("rooms.record-attendance.v1", recorded, actor=host))
    await change(sample_room.stack, _OVER, past)
    session = await a_session_that_begins(outside, room)
    thanks = about(room.room_id, joined, thanks_id=new_id(), words=LONG_WORD, seen_by="room") | {"for": LONG_WORD}
    await accepted(outside.send("rooms.thank.v1", thanks, actor=host))
    concern = about(room.room_id, joined, report_id=new_id(), text=LONG_WORD)
    await accepted(outside.send("rooms.report-conduct.v1", concern, actor=host))
    form = sample_room.form(FEEDBACK, "joined")
    people = {**sample_room.people, "steward": steward}
    return replace(sample_room, people=people, session=session, coming=named["session_id"], feedback_form=form)


async def with_the_rest(outside: OutsideSystem, sample_room: SampleRoom) -> SampleRoom:
    """Return the room with what only its host's pages show: a barred person, a hand-over, notes, two rooms besides.

    The person ``stepping`` down is a steward until the first tour of that.
    """
    room, host, joined = sample_room.room, sample_room.room.host, sample_room.people["joined"]
    removed, stepping = [await a_known_person(outside, f"{name} {LONG_WORD}") for name in ("Rita", "Steno")]
    request = {"answers": {"school": LONG_WORD}, "accepted_guidelines": 1}
    await accepted(asks(outside, room, removed, **request))
    await does(outside, APPROVE, room, removed, actor=host)
    over = about(room.room_id, removed, over_capacity=True)
    await accepted(outside.send("membership.offer-seat.v1", over, actor=host))
    await does(outside, ACCEPT, room, removed)
    removal = about(room.room_id, removed, reason=LONG_WORD, bar=True)
    await accepted(outside.send("membership.remove.v1", removal, actor=host))
    await accepted(outside.send("rooms.appoint.v1", about(room.room_id, stepping, office="steward"), actor=host))
    steward = sample_room.people["steward"]
    await accepted(outside.send("rooms.hand-over.v1", about(room.room_id, steward), actor=host))
    beside = {
        "draft": await _another_room(outside, host),
        "closed": await _another_room(outside, host, "publish-room", "close-room"),
        "note": await _a_note(outside, room, host),
        "own-note": await _a_note(outside, room, joined),
    }
    people = {**sample_room.people, "removed": removed, "stepping": stepping}
    return replace(sample_room, people=people, beside=beside)


async def _another_room(outside: OutsideSystem, host: str, *steps: str) -> str:
    """Create a draft of the host's, take these steps, and return its id."""
    stated = a_room(title=f"Peer coaching: {LONG_WORD}", format="peer-coaching", capacity=6, roles=None)
    await accepted(outside.send("rooms.create-room.v1", stated, actor=host))
    for step in steps:
        await accepted(outside.send(f"rooms.{step}.v1", {"room_id": stated["room_id"]}, actor=host))
    return str(stated["room_id"])


async def _a_note(outside: OutsideSystem, room: OpenRoom, author: str) -> str:
    """Record a note, and return its id."""
    note = {"note_id": new_id(), "room_id": room.room_id, "kind": "case", "title": LONG_WORD, "text": LONG_WORD * 20}
    await accepted(outside.send("rooms.record-note.v1", note, actor=author))
    return str(note["note_id"])


class _LongAgo(TimestampSigner):
    """A signer that dates its signatures before the lifetime of every link."""

    def get_timestamp(self) -> int:
        return super().get_timestamp() - int(max(LIFETIMES.values()).total_seconds()) - 1


def expired(stack: RunningStack, url: str) -> str:
    """Return the same link as if it had been signed too long ago."""
    start, purpose, token = url.rsplit("/", 2)
    return f"{start}/{purpose}/{_aged(stack, token, salt=f'practio.{purpose}')}"


def forged(url: str, other: str) -> str:
    """Return a link with the content of ``other`` and the signature of ``url``."""
    return f"{other.rpartition('.')[0]}.{url.rpartition('.')[2]}"


def _form(stack: RunningStack, command: str, person: str, room: OpenRoom) -> str:
    return Forms([_key(stack)]).sign(command, person_id=UUID(person), room_id=UUID(room.room_id))


def _aged(stack: RunningStack, signed: str, *, salt: str) -> str:
    content = URLSafeTimedSerializer(_key(stack), salt=salt).loads(signed)
    aged: str = URLSafeTimedSerializer(_key(stack), salt=salt, signer=_LongAgo).dumps(content)
    return aged


def _key(stack: RunningStack) -> str:
    return stack.pages.process.environment["PRACTIO_LINK_KEYS"]
