"""Many rooms seen from above: all those that a person runs, the ones that need most care first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from practio_chassis.i18n import Localizer
from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import ListOwnRooms, OwnOffice, OwnOrder, OwnRoom, OwnRooms, RoomStatus
from practio_pages.gateway import UnavailableError
from practio_pages.rendering import render
from practio_pages.site import Site, in_zone_of, link_of, localizer_of, site_of

_A_PAGE = 20
_SHOWN = [RoomStatus.PUBLISHED, RoomStatus.CLOSED]
_OFFICES = (OwnOffice.HOST, OwnOffice.FACILITATOR, OwnOffice.STEWARD)
_QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class RoomInCare:
    """A room in the list: the path of its desk, of its requests if any wait, and its times in words."""

    own: OwnRoom
    desk: str
    requests_path: str | None
    quiet_since: str | None
    last_session: str | None
    next_session: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of the rooms are shown: only the quiet ones, only those in which the person has one office."""

    quiet: bool = False
    office: OwnOffice | None = None

    def but(self, **changed: object) -> dict[str, str]:
        """Return the query parameters of this filter with something changed."""
        wanted = {"show": _QUIET if self.quiet else "", "office": self.office.value if self.office else ""}
        return {name: str(value) for name, value in (wanted | changed).items() if value}


async def show_rooms_in_care(request: Request) -> Response:
    """Show a page of the rooms."""
    link, site = await link_of(request, Purpose.CARE), site_of(request)
    localizer, wanted = localizer_of(request, link), _filter_of(request.query_params)
    query = _query(link, wanted, request.query_params.get("after") or None)
    found = await site.gateway.ask(query, OwnRooms, actor=link.person_id) if query else None
    if isinstance(found, Refusal) and query is not None and query.after is None:
        raise UnavailableError(found.code)
    if not isinstance(found, OwnRooms):
        return RedirectResponse(site.base + request.url.path, 303)
    return render(
        request,
        "care",
        localizer,
        root=f"/care/{request.path_params['token']}",
        rooms=site.path_from(link, Purpose.ROOMS),
        entries=_entries(site, found, link, localizer),
        wanted=wanted,
        offices=_OFFICES,
        is_first=query is not None and query.after is None,
        after=found.after,
    )


def _filter_of(parameters: Mapping[str, str]) -> Filter:
    """Return what is to be shown; an unknown office is none."""
    office = next((each for each in _OFFICES if each.value == parameters.get("office")), None)
    return Filter(parameters.get("show") == _QUIET, office)


def _query(link: Link, wanted: Filter, after: str | None) -> ListOwnRooms | None:
    """Return the query of the page; None if its address has no end of a page."""
    try:
        return ListOwnRooms(
            person_id=link.person_id,
            office=wanted.office,
            status=_SHOWN,
            order=OwnOrder.QUIETEST,
            runs=True,
            quiet=wanted.quiet,
            limit=_A_PAGE,
            after=after,
        )
    except ValidationError:
        return None


def _entries(site: Site, found: OwnRooms, link: Link, localizer: Localizer) -> Sequence[RoomInCare]:
    return [_entry(site, own, link, localizer) for own in found.rooms]


def _entry(site: Site, own: OwnRoom, link: Link, localizer: Localizer) -> RoomInCare:
    room = own.room
    local = in_zone_of(localizer, link, zone=room.time_zone)
    return RoomInCare(
        own,
        desk=site.path_from(link, Purpose.DESK, room_id=room.room_id),
        requests_path=site.path_from(link, Purpose.QUEUE, room_id=room.room_id) if own.pending else None,
        quiet_since=local.day(own.quiet_since) if own.quiet_since else None,
        last_session=local.day(own.last_session_at) if own.last_session_at else None,
        next_session=local.when(own.next_session_at) if own.next_session_at else None,
    )


ROUTES = [Route("/care/{token}", show_rooms_in_care, methods=["GET"])]
