"""Which letters a person wants, and when: shown, and saved whole."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import ListMemberships, Memberships
from practio_contracts.notifications import GetPreferences, Preferences, SetPreferences
from practio_contracts.rooms import GetRoom, RoomResult
from practio_pages.forms import FormError, Move
from practio_pages.pages.preferences_form import Typed, command_of, faults_in, typed_in, typed_of
from practio_pages.rendering import shown
from practio_pages.site import Site, fields_of, link_of, site_of, tongue_of

MOST_ROOMS = 50
"""Rooms that a page shows; each takes a question for its title."""


@dataclass(frozen=True, slots=True)
class RoomChoice:
    """A room that can be muted; ``title`` is None where it is not known any more."""

    room_id: UUID
    title: str | None


async def look(request: Request) -> Response:
    """Show what a person wants."""
    link = link_of(request, Purpose.PREFERENCES)
    wanted = await preferences_of(site_of(request), link.person_id)
    return await _page(request, link, wanted, status=409 if isinstance(wanted, Refusal) else 200)


async def save(request: Request) -> Response:
    """Save what was filled in, or say what is wrong with it."""
    link, site = link_of(request, Purpose.PREFERENCES), site_of(request)
    move = _of_this_page(site.forms.read(await fields_of(request), person_id=link.person_id))
    typed = typed_in((await request.form()).multi_items())
    if faults := faults_in(typed):
        wanted = await preferences_of(site, link.person_id)
        return await _page(request, link, wanted, typed=typed, faults=faults, status=422)
    async with site.desk.turn_of(link.person_id):
        outcome = await _saved(site, move, typed)
    wanted = await preferences_of(site, link.person_id)
    return await _page(request, link, wanted, outcome=outcome, status=409 if isinstance(outcome, Refusal) else 200)


async def preferences_of(site: Site, person_id: UUID) -> Preferences | Refusal:
    """Give what a person wants; raises AwayError."""
    return await site.desk.ask(GetPreferences(person_id=person_id), Preferences, actor=person_id)


def _of_this_page(move: Move) -> Move:
    if move.command != SetPreferences.routing_key:
        raise FormError("the form is of another page")
    return move


async def _saved(site: Site, move: Move, typed: Typed) -> CommandAccepted | Refusal:
    before = await preferences_of(site, move.person_id)
    if isinstance(before, Refusal):
        return before
    command = command_of(typed, before)
    return await site.desk.send(command, actor=move.person_id, id=move.id_with(command.model_dump_json()))


async def _page(
    request: Request,
    link: Link,
    wanted: Preferences | Refusal,
    *,
    status: int,
    typed: Typed | None = None,
    faults: Mapping[str, str] | None = None,
    outcome: CommandAccepted | Refusal | None = None,
) -> Response:
    site, spoken = site_of(request), tongue_of(request, link)
    if isinstance(wanted, Refusal):
        return shown(request, "preferences-refused", spoken, status=409, refusal=wanted)
    rooms = await _rooms(site, link, wanted)
    return shown(
        request,
        "preferences",
        spoken,
        status=status,
        form=site.forms.written(SetPreferences.routing_key, person_id=link.person_id),
        typed=typed or typed_of(wanted),
        faults=faults or {},
        rooms=rooms,
        muted_beside=len(set(wanted.muted_room_ids) - {room.room_id for room in rooms}),
        zone=link.time_zone,
        refusal=outcome if isinstance(outcome, Refusal) else None,
        accepted=outcome if isinstance(outcome, CommandAccepted) else None,
    )


async def _rooms(site: Site, link: Link, wanted: Preferences) -> Sequence[RoomChoice]:
    """Give the rooms to choose among: the one that the link came from, those that are muted, those the person is in."""
    person = link.person_id
    asked = ListMemberships(person_id=person, live_only=True, limit=MOST_ROOMS)
    told = await site.desk.ask(asked, Memberships, actor=person)
    standing = told.memberships if isinstance(told, Memberships) else []
    from_link = [link.room_id] if link.room_id else []
    ids = dict.fromkeys([*from_link, *wanted.muted_room_ids, *(each.room_id for each in standing)])
    choices = await asyncio.gather(*(_choice(site, room, person) for room in islice(ids, MOST_ROOMS)))
    return [choice for choice in choices if choice.title is not None or choice.room_id in wanted.muted_room_ids]


async def _choice(site: Site, room_id: UUID, person_id: UUID) -> RoomChoice:
    told = await site.desk.ask(GetRoom(room_id=room_id), RoomResult, actor=person_id)
    return RoomChoice(room_id, told.room.title if isinstance(told, RoomResult) else None)


ROUTES = [
    Route("/preferences/{token}", look, methods=["GET"]),
    Route("/preferences/{token}", save, methods=["POST"]),
]
