"""A room as one of its offices runs it: read for every page of the desk, and refused to everybody else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from practio_chassis.i18n import Localizer
from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import GetRoom, Room, RoomResult
from practio_pages.entered_fields import EnteredField
from practio_pages.pages.own_rooms import LIVE
from practio_pages.pages.sidebar import office_of
from practio_pages.rendering import render
from practio_pages.site import Site, in_zone_of, link_of, localizer_of

T = TypeVar("T")

HOST, FACILITATOR, STEWARD = "host", "facilitator", "steward"
_WITHOUT_OFFICE = Refusal(code="not-allowed", detail="only the room's host, facilitators and stewards run it")


@dataclass(frozen=True, slots=True)
class Desk:
    """A room, and the office of the person who runs it."""

    room_result: RoomResult
    office: str

    @property
    def room(self) -> Room:
        """Return the room."""
        return self.room_result.room

    @property
    def plans(self) -> bool:
        """Return whether the person may plan sessions, in a room that has not ended."""
        return self.office in (HOST, FACILITATOR) and self.room.status in LIVE

    @property
    def grows(self) -> bool:
        """Return whether the person may make a copy of the room, and invite people from it to another one."""
        return self.office in (HOST, STEWARD)

    @property
    def revises(self) -> bool:
        """Return whether the person may revise what the room states, at least in part, once it is published."""
        return self.plans


async def desk_link(request: Request) -> tuple[Link, UUID]:
    """Return the link to a desk and the id of its room; raise LinkError."""
    link = await link_of(request, Purpose.DESK)
    assert link.room_id is not None  # a signed link of this purpose names the room
    return link, link.room_id


async def desk_of(site: Site, link: Link) -> Desk | Refusal:
    """Return the room of a link to its desk; a refusal for a person without an office."""
    assert link.room_id is not None
    room_result = await site.gateway.ask(GetRoom(room_id=link.room_id), RoomResult, actor=link.person_id)
    if isinstance(room_result, Refusal):
        return room_result
    office = office_of(room_result.room, link.person_id)
    return Desk(room_result, office) if office else _WITHOUT_OFFICE


def desk_localizer(request: Request, link: Link, room: Room) -> Localizer:
    """Return the localizer of a desk's page: times are those of the room, by which sessions are planned."""
    localizer = localizer_of(request, link, language=room.language)
    return in_zone_of(localizer, None if room.time_zone else link, zone=room.time_zone)


def desk_closed(request: Request, link: Link, refusal: Refusal, entered: Sequence[EnteredField] = ()) -> Response:
    """Return the page for a person without an office, or of a room that they may not see.

    ``entered`` is what they entered.
    """
    localizer = localizer_of(request, link)
    if refusal.code == "not-allowed":
        return render(request, "desk-closed", localizer, status=403, entered=entered)
    return render(request, "room-gone", localizer, status=404, refusal=refusal, entered=entered)


def no_planning(request: Request, link: Link, desk: Desk, entered: Sequence[EnteredField] = ()) -> Response:
    """Return the page for an office that plans no sessions, or of a room that has ended."""
    localizer = desk_localizer(request, link, desk.room)
    root = desk_root(request)
    return render(
        request, "desk-no-planning", localizer, status=403, desk=desk, room=desk.room, root=root, entered=entered
    )


def desk_root(request: Request) -> str:
    """Return the path of the first page of a desk, below which all others are."""
    return f"/{Purpose.DESK}/{request.path_params['token']}"


def step_in(request: Request, steps: Mapping[str, T]) -> T:
    """Return the step that a request's path names; raise HTTPException if it is none of ``steps``."""
    step = steps.get(request.path_params["step"])
    if step is None:
        raise HTTPException(404)
    return step
