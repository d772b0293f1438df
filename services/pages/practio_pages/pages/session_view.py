"""One session as a person in its room sees it: read for every page of a session, and refused to everybody else."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from practio_chassis.i18n import Localizer
from practio_contracts.answers import Refusal
from practio_contracts.links import ExpiredLinkError, Link, Purpose
from practio_contracts.membership import GetMembership, MembershipResult
from practio_contracts.rooms import (
    LIVE_ROOM,
    GetRoom,
    GetSession,
    ListNotes,
    NoteResult,
    NotesFound,
    PersonComing,
    PlannedRole,
    Room,
    RoomResult,
    RoomStatus,
    Session,
    SessionResult,
)
from practio_pages.entered_fields import EnteredField
from practio_pages.pages.desk import FACILITATOR, HOST
from practio_pages.pages.feedback_form import joined_at, why_closed
from practio_pages.pages.own_rooms import LIVE
from practio_pages.pages.session_phase import SessionPhase
from practio_pages.pages.sidebar import ListedSession, office_of
from practio_pages.rendering import render
from practio_pages.site import Site, link_of, localizer_of, site_of

NOTES_PAGE, MOST_PAGES = 100, 10
"""How many notes of the room are read at once, and how often, to find those of the session: the newest come first."""

MOST_LISTED = 200
"""The most people whom a page of a session lists: those who answered come first."""


_NOT_INSIDE = Refusal(code="not-allowed", detail="only the people in the room and its offices see its sessions")


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session, its room, and the person who looks at it; ``joined`` since when they are in the room, if they are."""

    room: Room
    result: SessionResult
    person_id: UUID
    joined: datetime | None
    notes: Sequence[NoteResult]
    times: SessionPhase

    @property
    def session(self) -> Session:
        """Return the session."""
        return self.result.session

    @property
    def listed_session(self) -> ListedSession:
        """Return the session with the room's place and link if it has none of its own."""
        return ListedSession.of(self.session, self.room)

    @property
    def people(self) -> Sequence[PersonComing]:
        """Return the people with their answers, those who answered first."""
        return self.result.people or ()

    @property
    def listed(self) -> Sequence[PersonComing]:
        """Return those of the people whom a page lists."""
        return self.people[:MOST_LISTED]

    @property
    def not_listed(self) -> int:
        """Return how many people are in the room besides those whom a page lists."""
        return len(self.people) - len(self.listed) + self.result.people_left_out

    @property
    def lists_uncounted(self) -> bool:
        """Return whether people are listed whose answer nobody waits for: they hold an office and have no seat."""
        coming = self.result.coming
        counted = coming.yes + coming.maybe + coming.no + coming.unanswered
        return len(self.people) + self.result.people_left_out > counted

    @property
    def own(self) -> PersonComing | None:
        """Return the answer of the person who looks; None if they gave none. Those who answered come first."""
        answered = takewhile(lambda each: each.coming is not None, self.people)
        return next((each for each in answered if each.person_id == self.person_id), None)

    @property
    def office(self) -> str | None:
        """Return the office that the person holds in the room."""
        return office_of(self.room, self.person_id)

    @property
    def is_draft(self) -> bool:
        """Return whether the room is not published yet: nobody is asked, and nobody attends."""
        return self.room.status is RoomStatus.DRAFT

    @property
    def is_open(self) -> bool:
        """Return whether the sessions of the room are answered and planned."""
        return self.room.status in LIVE_ROOM

    @property
    def answers(self) -> bool:
        """Return whether the person can say now whether they come."""
        return self.times.takes_answers and self.is_open

    @property
    def checks_in(self) -> bool:
        """Return whether the person can say now that they are here."""
        return self.joined is not None and self.times.takes_check_ins and not self.is_draft

    @property
    def is_planner(self) -> bool:
        """Return whether the person holds an office that plans sessions."""
        return self.office in (HOST, FACILITATOR)

    @property
    def plans(self) -> bool:
        """Return whether the person may plan the session."""
        return self.is_planner and self.times.takes_plans and self.is_open

    @property
    def moves(self) -> bool:
        """Return whether the person may move the session."""
        return self.is_planner and self.times.takes_answers and self.room.status in LIVE

    @property
    def records(self) -> bool:
        """Return whether the person may record now who came."""
        return self.office is not None and self.times.takes_attendance and not self.is_draft

    @property
    def shows_code(self) -> bool:
        """Return whether the person may show the code by which people check in."""
        return self.office is not None and self.times.takes_check_ins and not self.is_draft

    @property
    def gives_feedback(self) -> bool:
        """Return whether the person can give feedback on the session."""
        return why_closed(self.session, joined=self.joined, now=self.times.now) is None

    @property
    def is_recorded(self) -> bool:
        """Return whether it is recorded who came, as far as the person may know."""
        return bool(self.result.present or self.result.absent)

    @property
    def named(self) -> list[UUID]:
        """Return the people who are named on the pages of the session."""
        planned = [*self.result.case_by, *(each.person_id for each in (*self.result.roles, *self.proposed))]
        recorded = [*(self.result.present or ()), *(self.result.absent or ())]
        return list(dict.fromkeys((*planned, *(each.person_id for each in self.listed), *recorded)))

    def known(self, people: Iterable[UUID]) -> list[UUID]:
        """Return those of ``people`` who are known on the pages of the session."""
        asked = list(people)
        known = {*(each.person_id for each in self.people), *self.named} if asked else set()
        return [each for each in asked if each in known]

    @property
    def proposed(self) -> Sequence[PlannedRole]:
        """Return the roles that are proposed for this date."""
        return self.result.proposed_roles or ()


async def session_link(request: Request) -> tuple[Link, UUID, UUID]:
    """Return the link to a session, and the ids of room and session; raise LinkError."""
    link = await link_of(request, Purpose.SESSION)
    assert link.room_id is not None  # a signed link of this purpose names both
    assert link.session_id is not None
    return link, link.room_id, link.session_id


async def session_view(site: Site, link: Link) -> SessionView | Refusal:
    """Return a session for the person of a link; a refusal for a person who is not in the room.

    Raise ExpiredLinkError if the session is over for too long.
    """
    assert link.room_id is not None
    assert link.session_id is not None
    person, room_id = link.person_id, link.room_id
    room, result, membership, notes = await asyncio.gather(
        site.gateway.ask(GetRoom(room_id=room_id), RoomResult, actor=person),
        site.gateway.ask(GetSession(room_id=room_id, session_id=link.session_id), SessionResult, actor=person),
        site.gateway.ask(GetMembership(room_id=room_id, person_id=person), MembershipResult, actor=person),
        _notes(site, room_id, link.session_id, person),
    )
    for each in (room, result):
        if isinstance(each, Refusal):
            return each
    assert isinstance(room, RoomResult)
    assert isinstance(result, SessionResult)
    if result.people is None:
        return _NOT_INSIDE
    times = SessionPhase(result.session, datetime.now(UTC))
    if times.is_long_over:
        raise ExpiredLinkError("the session is over for too long")
    joined = None if isinstance(membership, Refusal) else joined_at(membership.membership)
    return SessionView(room.room, result, person, joined, notes, times)


async def _notes(site: Site, room_id: UUID, session_id: UUID, person: UUID) -> Sequence[NoteResult]:
    """Return the notes of a session, newest first; none if the person may not read them.

    Rooms shows the notes of a room page by page, and an earlier release of it takes no filter by session.
    """
    found: list[NoteResult] = []
    after: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        query = ListNotes(room_id=room_id, limit=NOTES_PAGE, **after)
        page = await site.gateway.ask(query, NotesFound, actor=person)
        if isinstance(page, Refusal):
            break
        found += [each for each in page.notes if each.session_id == session_id]
        if page.after is None:
            break
        after = {"after": page.after}
    return found


def session_localizer(request: Request, link: Link, room: Room) -> Localizer:
    """Return the localizer of a session's pages: times are in the reader's zone, else in the room's."""
    return localizer_of(request, link, language=room.language, zone=room.time_zone or "UTC")


def session_closed(request: Request, link: Link, refusal: Refusal, entered: Sequence[EnteredField] = ()) -> Response:
    """Return the page for a person who does not see the session; ``entered`` is what they entered."""
    localizer = localizer_of(request, link)
    if refusal.code == "room-unknown":
        return render(request, "room-gone", localizer, status=404, refusal=refusal, entered=entered)
    is_gone = refusal.code == "session-unknown"
    way = site_of(request).path_from(link, Purpose.WAY)
    status = 404 if is_gone else 403
    return render(request, "session-closed", localizer, status=status, is_gone=is_gone, way=way, entered=entered)


def session_root(request: Request) -> str:
    """Return the path of the first page of a session, below which all others are."""
    return f"/{Purpose.SESSION}/{request.path_params['token']}"
