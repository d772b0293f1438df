"""Leaving everything: what follows for each room, one button for all of it, and the outcome of each line."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import ListMemberships, Memberships, Withdraw
from practio_contracts.rooms import Dismiss, ListOwnRooms, OwnOffice, OwnRooms
from practio_pages.gateway import UnavailableError
from practio_pages.pages.leaving_lines import (
    HostedRoom,
    LeavingCommand,
    LeavingLine,
    LeavingOutcome,
    commands_in,
    hosted_in,
    lines_of,
)
from practio_pages.pages.own_rooms import LIVE
from practio_pages.pages.room_titles import titles_in, titles_of
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, link_of, localizer_of, signed_in, site_of

_MOST = 100
"""The largest number of memberships, and of rooms with one office, that are left at once."""

_OFFICES = (OwnOffice.HOST, OwnOffice.FACILITATOR, OwnOffice.STEWARD)
"""The offices of which rooms are asked for; memberships bring the titles of theirs."""

_MOST_HOSTED = 20
"""The most rooms that are listed since they stay; the others are among the person's own."""


@dataclass(frozen=True, slots=True)
class EverythingToLeave:
    """What the person is in; ``has_more``: it is more than is left at once; ``hosts_more``: more than is listed."""

    lines: Sequence[LeavingLine]
    hosted: Sequence[HostedRoom]
    has_more: bool
    hosts_more: bool


async def show_everything_to_leave(request: Request) -> Response:
    """Show what follows if the person leaves everything."""
    link = await link_of(request, Purpose.ME)
    return await _page(request, link, outcomes=())


async def leave_everything(request: Request) -> Response:
    """Leave what the form lists, and show what came of each line; what is left is in the form again."""
    link = await link_of(request, Purpose.ME)
    signed = await signed_in(request, {Withdraw.routing_key}, person_id=link.person_id)
    if signed is None:
        return await _page(request, link, outcomes=())
    site = site_of(request)
    commands = commands_in(await fields_of(request), link.person_id)
    titles = await titles_of(site, link.person_id, (each.room_id for each, _ in commands), known={})
    outcomes = []
    for command, held_as in commands:
        key = signed.id_with(command.model_dump_json())
        outcome = await site.gateway.send(command, actor=link.person_id, id=key)
        refusal = outcome if isinstance(outcome, Refusal) else None
        outcomes.append(LeavingOutcome(titles.get(command.room_id), _office(command), held_as, refusal))
    return await _page(request, link, outcomes=outcomes)


def _office(command: LeavingCommand) -> str | None:
    return command.office if isinstance(command, Dismiss) else None


async def _page(request: Request, link: Link, *, outcomes: Sequence[LeavingOutcome]) -> Response:
    site = site_of(request)
    plan = await _plan(site, link)
    return render(
        request,
        "leave-everything",
        localizer_of(request, link),
        status=409 if outcomes and all(each.refusal for each in outcomes) else 200,
        root=f"/me/{request.path_params['token']}",
        plan=plan,
        form=site.forms.sign(Withdraw.routing_key, person_id=link.person_id),
        outcomes=outcomes,
    )


async def _plan(site: Site, link: Link) -> EverythingToLeave:
    """Return what the person is in; raise UnavailableError, PersonErasedError."""
    person = link.person_id
    memberships, rooms = await asyncio.gather(
        _memberships(site, person), asyncio.gather(*(_rooms(site, person, office) for office in _OFFICES))
    )
    by_office = dict(zip(_OFFICES, rooms, strict=True))
    own = [each for found in rooms for each in found.rooms]
    hand_overs = {each.room_id: each for found in rooms for each in found.hand_overs}
    known = titles_in(memberships) | {each.room.room_id: each.room.title for each in own}
    titles = await titles_of(site, person, (each.room_id for each in memberships.memberships), known=known)
    return EverythingToLeave(
        lines_of(hand_overs.values(), own, memberships.memberships, titles),
        hosted_in(own, lambda room_id: site.path_from(link, Purpose.DESK, room_id=room_id)),
        has_more=bool(memberships.after)
        or any(each.after for office, each in by_office.items() if office is not OwnOffice.HOST),
        hosts_more=by_office[OwnOffice.HOST].after is not None,
    )


async def _memberships(site: Site, person: UUID) -> Memberships:
    query = ListMemberships(person_id=person, live_only=True, limit=_MOST)
    found = await site.gateway.ask(query, Memberships, actor=person)
    if isinstance(found, Refusal):
        raise UnavailableError(found.code)
    return found


async def _rooms(site: Site, person: UUID, office: OwnOffice) -> OwnRooms:
    """Return the first rooms with one office, so that rooms that stay never hide those that can be left."""
    most = _MOST_HOSTED if office is OwnOffice.HOST else _MOST
    query = ListOwnRooms(person_id=person, office=office, status=list(LIVE), limit=most)
    found = await site.gateway.ask(query, OwnRooms, actor=person)
    if isinstance(found, Refusal):
        raise UnavailableError(found.code)
    return found


ROUTES = [
    Route("/me/{token}/leave", show_everything_to_leave, methods=["GET"]),
    Route("/me/{token}/leave", leave_everything, methods=["POST"]),
]
