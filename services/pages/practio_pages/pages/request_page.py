"""Asking to join a room, and accepting an invitation to it: one form, from a person's way or from their rooms."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import AcceptInvitation, GetMembership, MembershipResult, RefusalCode, RequestToJoin
from practio_contracts.rooms import GetRoom, RoomResult
from practio_pages.asking import WISHES, Fault, Typed, faults_of, roles_to_wish, typed_in, wished
from practio_pages.forms import FormError
from practio_pages.rendering import shown
from practio_pages.site import Site, fields_of, link_of, site_of, tongue_of

_NOTHING_TYPED = Typed()
_PASSING = {RefusalCode.WAITLIST_FULL, RefusalCode.WAITLIST_CLOSED, RefusalCode.ROLE_FULL, RefusalCode.ROOM_UNKNOWN}


@dataclass(frozen=True, slots=True)
class Door:
    """A room and where a person stands before it; ``command`` is how they could come in now, if they can."""

    told: RoomResult
    stands: MembershipResult
    command: str | None


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a form: an outcome, or faults; and what was typed, so that it is not lost."""

    typed: Typed = _NOTHING_TYPED
    faults: Mapping[str, Fault] = field(default_factory=dict)
    outcome: CommandAccepted | Refusal | None = None
    command: str | None = None

    @property
    def refusal(self) -> Refusal | None:
        """Give why it was refused, if it was."""
        return self.outcome if isinstance(self.outcome, Refusal) else None

    @property
    def again(self) -> str | None:
        """Give the command to send once more, where only time must pass before it can be met."""
        return self.command if self.refusal and self.refusal.code in _PASSING else None

    @property
    def status(self) -> int:
        """Give the answer's status."""
        return 409 if self.refusal else 422 if self.faults else 200


def way_in(link: Link, room_id: UUID) -> Link:
    """Give the link to a person's way in a room, out of that to their rooms."""
    return replace(link, purpose=Purpose.WAY, room_id=room_id)


async def look(request: Request) -> Response:
    """Show a room, and the form to come in."""
    link = _link(request)
    door = await _door(site_of(request), link)
    return _page(request, link, door, Came())


async def act(request: Request) -> Response:
    """Ask to join, or accept the invitation, and show what came of it."""
    link, site, fields = _link(request), site_of(request), await fields_of(request)
    move = site.forms.read(fields, person_id=link.person_id, room_id=link.room_id)
    if move.command not in WISHES:
        raise FormError("the form is of another page")
    door = await _door(site, link)
    if isinstance(door, Refusal):
        return _page(request, link, door, Came())
    typed = typed_in(fields, door.told.room)
    command = wished(WISHES[move.command], typed, door.told.room, link.person_id)
    if isinstance(command, dict):
        return _page(request, link, door, Came(typed, command))
    outcome = await site.desk.send(command, actor=link.person_id, id=move.id_with(command.model_dump_json()))
    faults = faults_of(outcome) if isinstance(outcome, Refusal) else {}
    return _page(request, link, await _door(site, link), Came(typed, faults, outcome, move.command))


def _link(request: Request) -> Link:
    """Give the person's way in the room, whichever link it was reached by."""
    if room_id := request.path_params.get("room_id"):
        return way_in(link_of(request, Purpose.ROOMS), room_id)
    return link_of(request, Purpose.WAY)


async def _door(site: Site, link: Link) -> Door | Refusal:
    assert link.room_id is not None  # whoever signs a link of this purpose names the room
    person, room = link.person_id, link.room_id
    told, stands = await asyncio.gather(
        site.desk.ask(GetRoom(room_id=room), RoomResult, actor=person),
        site.desk.ask(GetMembership(room_id=room, person_id=person), MembershipResult, actor=person),
    )
    match told, stands:
        case RoomResult(), MembershipResult():
            return Door(told, stands, _open(stands))
    return next(each for each in (told, stands) if isinstance(each, Refusal))


def _open(stands: MembershipResult) -> str | None:
    ways = (AcceptInvitation.routing_key, RequestToJoin.routing_key)
    return next((command for command in ways if command in stands.moves), None)


def _page(request: Request, link: Link, door: Door | Refusal, came: Came) -> Response:
    if isinstance(door, Refusal):
        return shown(request, "room-gone", tongue_of(request, link), status=404, refusal=door)
    room, membership, site = door.told.room, door.stands.membership, site_of(request)
    command = door.command or came.again
    form = command and site.forms.written(command, person_id=link.person_id, room_id=room.room_id)
    root = f"/rooms/{request.path_params['token']}" if "room_id" in request.path_params else None
    return shown(
        request,
        "ask",
        tongue_of(request, link, language=room.language, zone=room.time_zone or "UTC"),
        status=came.status,
        told=door.told,
        room=room,
        membership=membership,
        command=command,
        form=form,
        roles_to_wish=roles_to_wish(room, membership),
        root=root,
        way=_way(request, link),
        came=came,
    )


def _way(request: Request, link: Link) -> str:
    """Give the path of the person's way: the one that this page hangs below, or one signed now."""
    under_rooms = "room_id" in request.path_params
    return site_of(request).path(link) if under_rooms else f"/{Purpose.WAY}/{request.path_params['token']}"


ROUTES = [
    Route(path, does, methods=[method])
    for path in ("/way/{token}/ask", "/rooms/{token}/room/{room_id:uuid}")
    for method, does in (("GET", look), ("POST", act))
]
