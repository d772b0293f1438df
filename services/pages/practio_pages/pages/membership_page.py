"""A person's way in one room: what the room is, where they stand, what they can do, and what came before."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import (
    AcceptInvitation,
    AcceptOffer,
    Change,
    DeclineInvitation,
    DeclineOffer,
    GetHistory,
    GetMembership,
    History,
    MembershipResult,
    RequestToJoin,
    Status,
    Withdraw,
)
from practio_contracts.message import Command
from practio_contracts.rooms import GetRoom, Room, RoomResult
from practio_pages.asking import asks_something
from practio_pages.forms import FormError, Move
from practio_pages.pages.history_page import days
from practio_pages.pages.sidebar import WISHES as HAND_OVER
from practio_pages.pages.sidebar import Beside, beside
from practio_pages.rendering import shown
from practio_pages.site import Site, fields_of, link_of, site_of, tongue_of

_MOVES: Mapping[str, type[Command]] = {
    command.routing_key: command
    for command in (AcceptOffer, DeclineOffer, AcceptInvitation, DeclineInvitation, Withdraw)
}
_WISHES = {**_MOVES, **HAND_OVER}


@dataclass(frozen=True, slots=True)
class Way:
    """What is told of a person's way in a room; ``forms`` by the command that each button carries.

    ``ask``: the command that is written on a page of its own, since it needs more than a button.
    """

    told: RoomResult
    stands: MembershipResult
    changes: Sequence[Change]
    forms: dict[str, str]
    ask: str | None
    beside: Beside


async def look(request: Request) -> Response:
    """Show where a person stands; nothing changes by looking."""
    link = link_of(request, Purpose.WAY)
    return await _page(request, link, outcome=None)


async def act(request: Request) -> Response:
    """Do what a button says, and show what came of it."""
    link = link_of(request, Purpose.WAY)
    move = site_of(request).forms.read(await fields_of(request), person_id=link.person_id, room_id=link.room_id)
    outcome = await site_of(request).desk.send(_command(move), actor=link.person_id, id=move.id)
    return await _page(request, link, outcome=outcome, command=move.command)


def _command(move: Move) -> Command:
    if move.command not in _WISHES:
        raise FormError("the form is of another page")
    return _WISHES[move.command].model_validate({"room_id": move.room_id, "person_id": move.person_id})


async def _page(
    request: Request, link: Link, *, outcome: CommandAccepted | Refusal | None, command: str | None = None
) -> Response:
    found = await _found(site_of(request), link)
    if isinstance(found, Refusal):
        return shown(request, "room-gone", tongue_of(request, link), status=404, refusal=found)
    room = found.told.room
    spoken = tongue_of(request, link, language=room.language, zone=room.time_zone or "UTC")
    refusal = outcome if isinstance(outcome, Refusal) else None
    return shown(
        request,
        "way",
        spoken,
        status=409 if refusal else 200,
        way=found,
        path=request.url.path,
        room=room,
        days=days(found.changes, person_id=link.person_id, host_id=room.host_id, zone=spoken.zone),
        hand_over=HAND_OVER,
        command=command,
        refusal=refusal,
        accepted=outcome if isinstance(outcome, CommandAccepted) else None,
    )


async def _found(site: Site, link: Link) -> Way | Refusal:
    assert link.room_id is not None  # whoever signs a link of this purpose names the room
    person, room = link.person_id, link.room_id
    told, stands, history = await asyncio.gather(
        site.desk.ask(GetRoom(room_id=room), RoomResult, actor=person),
        site.desk.ask(GetMembership(room_id=room, person_id=person), MembershipResult, actor=person),
        site.desk.ask(GetHistory(room_id=room, person_id=person), History, actor=person),
    )
    match told, stands, history:
        case RoomResult(), MembershipResult(), History():
            ask = _ask(told.room, stands)
            forms = _forms(site, _buttons(stands, ask), person, room)
            return Way(told, stands, history.changes, forms, ask, await beside(site, link, told))
    return next(each for each in (told, stands, history) if isinstance(each, Refusal))


def _ask(room: Room, stands: MembershipResult) -> str | None:
    if RequestToJoin.routing_key in stands.moves:
        return RequestToJoin.routing_key
    accepts = AcceptInvitation.routing_key in stands.moves
    return AcceptInvitation.routing_key if accepts and asks_something(room, stands.membership) else None


def _buttons(stands: MembershipResult, ask: str | None) -> list[str]:
    """Give the moves that a button does; who is invited, or offered a seat, says no by declining: one button for it."""
    declines = stands.membership is not None and stands.membership.status in (Status.INVITED, Status.OFFERED)
    left_out = {ask, Withdraw.routing_key if declines else None}
    return [command for command in stands.moves if command not in left_out]


def _forms(site: Site, moves: Sequence[str], person: UUID, room: UUID) -> dict[str, str]:
    open_here = [command for command in moves if command in _MOVES]
    return {command: site.forms.written(command, person_id=person, room_id=room) for command in open_here}


ROUTES = [Route("/way/{token}", look, methods=["GET"]), Route("/way/{token}", act, methods=["POST"])]
