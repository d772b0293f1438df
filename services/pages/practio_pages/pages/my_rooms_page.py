"""A person's own page: what waits for them, their next sessions, their rooms by office, and their other memberships."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import ValidationError
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from practio_chassis.i18n import Localizer
from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import ListMemberships, Membership, Memberships, Status
from practio_contracts.notifications import EndedLinks, EndLinks, LinkVersion
from practio_contracts.rooms import (
    AgendaFound,
    ListAgenda,
    ListOwnRooms,
    OwnOffice,
    OwnRoom,
    OwnRooms,
    RegisteredSponsor,
    RoomStatus,
)
from practio_pages.gateway import UnavailableError
from practio_pages.pages.agenda import AgendaPage, agenda_of, agenda_query
from practio_pages.pages.ending_links import end_links
from practio_pages.pages.own_rooms import OfficePart, OwnRoomEntry, office_part, own_rooms_queries
from practio_pages.pages.room_titles import titles_in, titles_of
from practio_pages.rendering import render
from practio_pages.site import Site, link_of, localizer_of, path_to_introduce, renewals_of, site_of

_A_PAGE = 20
_TO_ANSWER = (Status.OFFERED, Status.INVITED)


@dataclass(frozen=True, slots=True)
class MembershipEntry:
    """A membership in the list: its room's title (None if the person may not see it) and the path of its page."""

    membership: Membership
    title: str | None
    path: str


@dataclass(frozen=True, slots=True)
class HandOverEntry:
    """A room whose host the person is asked to become; they answer on their page in it, at ``path``."""

    title: str
    path: str


@dataclass(frozen=True, slots=True)
class ConcernsEntry:
    """A room in which a report waits for the person as a steward; ``path`` leads to its concerns."""

    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Queries:
    """What the page asks: the rooms by office, the agenda, and the memberships."""

    rooms: dict[OwnOffice, ListOwnRooms]
    agenda: ListAgenda
    memberships: ListMemberships

    @property
    def is_first(self) -> bool:
        """Return whether each list is shown from its beginning."""
        later = [self.agenda.after, self.memberships.after, *(each.after for each in self.rooms.values())]
        return not any(later)


@dataclass(frozen=True, slots=True)
class OwnView:
    """The content of the page."""

    parts: dict[OwnOffice, OfficePart]
    agenda: AgendaPage
    entries: Sequence[MembershipEntry]
    after: str | None
    sponsors: Mapping[str, RegisteredSponsor] = field(default_factory=dict)
    hand_overs: Sequence[HandOverEntry] = ()
    concerns: Sequence[ConcernsEntry] = ()

    @property
    def to_answer(self) -> list[MembershipEntry]:
        """Return the offers and invitations that the person may answer."""
        return [each for each in self.entries if each.membership.status in _TO_ANSWER and each.title is not None]

    @property
    def to_decide(self) -> list[OwnRoomEntry]:
        """Return the rooms in which requests wait for a decision of the person."""
        return [
            each for part in self.parts.values() for each in part.entries if each.requests_path and each.own.pending
        ]

    @property
    def waits(self) -> bool:
        """Return whether anything waits for the person."""
        return bool(self.hand_overs or self.concerns or self.to_answer or self.to_decide)

    @property
    def looks_after_rooms(self) -> bool:
        """Return whether the person is facilitator or steward of a room."""
        under_the_host = (self.parts.get(office) for office in (OwnOffice.FACILITATOR, OwnOffice.STEWARD))
        return any(part and (part.entries or part.first is not None) for part in under_the_host)

    @property
    def others(self) -> list[MembershipEntry]:
        """Return the memberships that wait for nobody or for others."""
        return [each for each in self.entries if each not in self.to_answer]

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to show."""
        parts = any(part.entries for part in self.parts.values())
        return not (self.entries or self.agenda.appointments or parts or self.sponsors or self.hand_overs)


async def show_my_rooms(request: Request) -> Response:
    """Show what is the person's own, and on request also what has ended."""
    return await _page(request, await link_of(request, Purpose.ROOMS))


async def renew(request: Request) -> Response:
    """Renew the address of the person's calendar: the former one ends, and no other link."""
    link = await link_of(request, Purpose.ROOMS)
    return await _page(request, link, await end_links(request, link, EndedLinks.CALENDAR))


async def _page(request: Request, link: Link, outcome: CommandAccepted | Refusal | None = None) -> Response:
    site = site_of(request)
    localizer, ended = localizer_of(request, link), "ended" in request.query_params
    renewed = LinkVersion.model_validate(outcome.state) if isinstance(outcome, CommandAccepted) else None
    queries = _queries(request.query_params, link, ended=ended)
    view = await _load_view(site, queries, link, localizer, request.url) if queries else None
    if queries is None or view is None:
        return RedirectResponse(site.base + request.url.path, 303)
    return render(
        request,
        "my-rooms",
        localizer,
        status=409 if isinstance(outcome, Refusal) else 200,
        root=f"/rooms/{request.path_params['token']}",
        view=view,
        me=site.path_from(link, Purpose.ME),
        care=site.path_from(link, Purpose.CARE) if view.looks_after_rooms else None,
        calendar=site.calendar_of(link, renewed=renewed.calendar_version if renewed else renewals_of(request)),
        renewing_form=site.forms.sign(EndLinks.routing_key, person_id=link.person_id),
        renewed=renewed,
        refusal=outcome if isinstance(outcome, Refusal) else None,
        start=site.path_from(link, Purpose.START) if site.may_start else None,
        introduce=path_to_introduce(request, link),
        ended=ended,
        is_first=queries.is_first,
    )


def _queries(parameters: Mapping[str, str], link: Link, *, ended: bool) -> Queries | None:
    """Return the queries of the page; None if a part of its address is no end of a page."""
    memberships = {"live_only": not ended, "limit": _A_PAGE, "after": parameters.get("after") or None}
    try:
        return Queries(
            own_rooms_queries(link, parameters, ended=ended),
            agenda_query(link, parameters),
            ListMemberships.model_validate({"person_id": link.person_id} | memberships),
        )
    except ValidationError:
        return None


async def _load_view(site: Site, queries: Queries, link: Link, localizer: Localizer, url: URL) -> OwnView | None:
    """Return the content of the page; None if the services do not know where it begins; raise UnavailableError."""

    async def rooms_of(query: ListOwnRooms) -> OwnRooms | Refusal:
        return await site.gateway.ask(query, OwnRooms, actor=link.person_id)

    memberships, agenda, *rooms = await asyncio.gather(
        site.gateway.ask(queries.memberships, Memberships, actor=link.person_id),
        site.gateway.ask(queries.agenda, AgendaFound, actor=link.person_id),
        *(rooms_of(query) for query in queries.rooms.values()),
    )
    refusal = next((each for each in (memberships, agenda, *rooms) if isinstance(each, Refusal)), None)
    if refusal is not None and queries.is_first:
        raise UnavailableError(refusal.code)
    if not isinstance(memberships, Memberships) or not isinstance(agenda, AgendaFound):
        return None
    found = [each for each in rooms if isinstance(each, OwnRooms)]
    if len(found) < len(queries.rooms):
        return None
    own = [each for part in found for each in part.rooms]
    return OwnView(
        parts={
            office: office_part(site, query, each, link, localizer, url)
            for (office, query), each in zip(queries.rooms.items(), found, strict=True)
        },
        agenda=agenda_of(
            site,
            queries.agenda,
            agenda,
            link,
            localizer,
            url,
            seats=_seats(memberships, own),
            drafts={each.room.room_id for each in own if each.room.status is RoomStatus.DRAFT},
        ),
        entries=await _entries(site, link, memberships),
        after=memberships.after,
        sponsors=_sponsors(site, link, found),
        hand_overs=_hand_overs(site, link, found),
        concerns=_concerns(site, link, found),
    )


def _sponsors(site: Site, link: Link, rooms: Sequence[OwnRooms]) -> dict[str, RegisteredSponsor]:
    """Return the sponsors whose delegate the person is, by the path of their report."""
    sponsors = {each.sponsor_id: each for part in rooms for each in part.sponsors}
    return {site.path_from(link, Purpose.SPONSOR, sponsor_id=each.sponsor_id): each for each in sponsors.values()}


def _hand_overs(site: Site, link: Link, rooms: Sequence[OwnRooms]) -> list[HandOverEntry]:
    """Return each room once whose host the person is asked to become."""
    titles = {each.room_id: each.title for part in rooms for each in part.hand_overs}
    return [HandOverEntry(title, site.path_from(link, Purpose.WAY, room_id=room)) for room, title in titles.items()]


def _concerns(site: Site, link: Link, rooms: Sequence[OwnRooms]) -> list[ConcernsEntry]:
    """Return each room once in which a report waits for the person."""
    titles = {each.room_id: each.title for part in rooms for each in part.concerns}
    desks = ((title, site.path_from(link, Purpose.DESK, room_id=room)) for room, title in titles.items())
    return [ConcernsEntry(title, f"{desk}/concerns") for title, desk in desks]


def _seats(memberships: Memberships, own: Sequence[OwnRoom]) -> set[UUID]:
    """Return the rooms in which the person has a seat, as far as the page knows: offices alone give none."""
    joined = {each.room_id for each in memberships.memberships if each.status is Status.JOINED}
    return joined | {each.room.room_id for each in own if each.office is OwnOffice.PARTICIPANT}


async def _entries(site: Site, link: Link, found: Memberships) -> list[MembershipEntry]:
    """Return each room once, with its newest membership; those in which the person has a seat are listed by office."""
    newest: dict[UUID, Membership] = {}
    for membership in found.memberships:
        newest.setdefault(membership.room_id, membership)
    shown = [each for each in newest.values() if each.status is not Status.JOINED]
    titles = await titles_of(site, link.person_id, (each.room_id for each in shown), known=titles_in(found))
    return [
        MembershipEntry(each, titles.get(each.room_id), site.path_from(link, Purpose.WAY, room_id=each.room_id))
        for each in shown
    ]


ROUTES = [Route("/rooms/{token}", show_my_rooms, methods=["GET"]), Route("/rooms/{token}", renew, methods=["POST"])]
