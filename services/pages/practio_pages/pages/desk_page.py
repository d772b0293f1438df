"""The first page of a room's desk: what its offices have to do now, then the room."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetRoster, Roster, Status
from practio_contracts.rooms import (
    LIVE_ROOM,
    ConductReports,
    ListConductReports,
    ListSessions,
    NextSession,
    RoomStatus,
    Session,
    SessionsFound,
)
from practio_pages.gateway import UnavailableError
from practio_pages.pages.desk import Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.pages.own_rooms import LIVE
from practio_pages.pages.roster_parts import free_in
from practio_pages.pages.sidebar import ListedSession
from practio_pages.rendering import render
from practio_pages.site import Site, site_of

_OFFERS = 100
_LONG_LINE = 3
"""How many people are on a waitlist that is long, even if the room is small."""

_SOON = timedelta(days=7)
"""How long before a session its desk says what is missing for it to run."""


@dataclass(frozen=True, slots=True)
class DeskView:
    """The content of the page; ``roster`` is None for a draft, and while membership does not know the room yet.

    ``draft`` leads to where a draft is completed and published, ``session`` to the page of the next session, ``way`` to
    the person's own page in a room that is published. ``has_concern``: they are a steward, and a report waits for one.
    """

    desk: Desk
    roster: Roster | None
    next_session: Session | None
    requests_path: str | None
    draft: str | None
    way: str | None
    session: str | None
    may_start: bool = False
    has_concern: bool = False

    @property
    def copies(self) -> bool:
        """Return whether the person may make a copy of the room here."""
        return self.may_start and self.desk.grows

    @property
    def waiting(self) -> int:
        """Return how many people wait for a seat."""
        return self.roster.counts.get(Status.WAITLISTED, 0) if self.roster else 0

    @property
    def needs_second_room(self) -> bool:
        """Return whether a room is full and its waitlist so long that a second room would help those who wait.

        That is at least three people, and at least half as many as the room has seats (README, A second room).
        """
        long = max(_LONG_LINE, -(-(self.desk.room.capacity or 0) // 2))
        return self.desk.grows and self.desk.room.status in LIVE and not self.free and self.waiting >= long

    @property
    def free(self) -> int:
        """Return the number of seats that somebody can still take."""
        return free_in(self.roster) if self.roster else 0

    @property
    def pending(self) -> int:
        """Return how many requests wait for a decision."""
        return self.roster.counts.get(Status.REQUESTED, 0) if self.roster and self.requests_path else 0

    @property
    def offered(self) -> int:
        """Return how many offers have no answer yet."""
        return self.roster.counts.get(Status.OFFERED, 0) if self.roster else 0

    @property
    def offer_lapses_at(self) -> datetime | None:
        """Return when the first of the offers lapses."""
        entries = self.roster.entries if self.roster else []
        return min((at for each in entries if (at := each.membership.offer_expires_at)), default=None)

    @property
    def is_short_of_people(self) -> bool:
        """Return whether a room that goes on needs more people to run, or people for a role."""
        return self.desk.room.status in LIVE_ROOM and not self.desk.room_result.viable

    @property
    def empty_roles(self) -> list[str]:
        """Return the roles of a room that goes on which nobody has, besides those that its format cannot do without.

        A room in which nobody is needs people first.
        """
        if not self.roster or not self.roster.seats_taken or self.desk.room.status not in LIVE:
            return []
        return [name for name in self.roster.empty_roles if name not in self.desk.room_result.missing_roles]

    @property
    def needs_sessions(self) -> bool:
        """Return whether a room that goes on has no session to come."""
        return self.next_session is None and self.desk.room.status in LIVE

    @property
    def answers(self) -> NextSession | None:
        """Return who comes to the session that is shown; None if rooms does not tell."""
        stated = self.desk.room_result.next_session
        return stated if stated and self.next_session and stated.session_id == self.next_session.session_id else None

    @property
    def at_risk(self) -> NextSession | None:
        """Return what is missing for a session to run that begins soon; None if nothing is."""
        stated = self.answers
        if stated is None or stated.starts_at > datetime.now(UTC) + _SOON:
            return None
        return stated if stated.missing_roles or stated.people_needed or stated.case_missing else None

    @property
    def is_quiet(self) -> bool:
        """Return whether nothing waits for anybody."""
        is_draft = self.desk.room.status is RoomStatus.DRAFT
        waits = (
            self.has_concern
            or self.pending
            or self.offered
            or self.is_short_of_people
            or self.needs_sessions
            or self.at_risk
        )
        return not (is_draft or waits or self.empty_roles or self.needs_second_room)

    @property
    def listed_session(self) -> ListedSession | None:
        """Return the next session, with the room's place and link if it has none of its own."""
        return ListedSession.of(self.next_session, self.desk.room, self.session) if self.next_session else None

    @property
    def announces(self) -> bool:
        """Return whether the person may write to everybody in the room."""
        return self.desk.plans and self.desk.room.status is not RoomStatus.DRAFT


async def show_desk(request: Request) -> Response:
    """Show the desk; opening the page changes nothing."""
    link, _ = await desk_link(request)
    view = await _load_view(site_of(request), link)
    if isinstance(view, Refusal):
        return desk_closed(request, link, view)
    room = view.desk.room
    root = desk_root(request)
    return render(request, "desk", desk_localizer(request, link, room), view=view, desk=view.desk, room=room, root=root)


async def _load_view(site: Site, link: Link) -> DeskView | Refusal:
    assert link.room_id is not None
    person, room_id = link.person_id, link.room_id
    desk, roster, sessions, concerns = await asyncio.gather(
        desk_of(site, link),
        site.gateway.ask(GetRoster(room_id=room_id, status=Status.OFFERED, limit=_OFFERS), Roster, actor=person),
        site.gateway.ask(ListSessions(room_id=room_id, limit=1), SessionsFound, actor=person),
        site.gateway.ask(
            ListConductReports(room_id=room_id, open_only=True, limit=1), ConductReports, actor=person
        ),  # refused to all but stewards
    )
    if isinstance(desk, Refusal):
        return desk
    if isinstance(sessions, Refusal):
        raise UnavailableError(sessions.code)
    decides = desk.room.status in LIVE_ROOM
    is_draft = desk.room.status is RoomStatus.DRAFT
    return DeskView(
        desk,
        roster=roster if isinstance(roster, Roster) else None,
        next_session=next(iter(sessions.sessions), None),
        requests_path=site.path_from(link, Purpose.QUEUE) if decides else None,
        draft=_draft_path(site, link) if is_draft else None,
        way=None if is_draft else site.path_from(link, Purpose.WAY),
        session=_session_path(site, link, desk, next(iter(sessions.sessions), None)),
        may_start=site.may_start,
        has_concern=isinstance(concerns, ConductReports) and bool(concerns.reports),
    )


def _session_path(site: Site, link: Link, desk: Desk, session: Session | None) -> str | None:
    """Return the path of the page of a session; None in a draft, since nobody comes before it is published."""
    if session is None or desk.room.status is RoomStatus.DRAFT:
        return None
    return site.path_from(link, Purpose.SESSION, session_id=session.session_id)


def _draft_path(site: Site, link: Link) -> str:
    return f"{site.path_from(link, Purpose.START)}/room/{link.room_id}"


ROUTES = [Route("/desk/{token}", show_desk, methods=["GET"])]
