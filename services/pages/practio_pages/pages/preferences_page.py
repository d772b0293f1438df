"""A person's preferences about letters: shown, and saved as a whole; the button that ends all links is here too."""

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
from practio_contracts.notifications import EndLinks, GetPreferences, Preferences, SetPreferences
from practio_pages.forms import SignedCommand
from practio_pages.pages.ending_links import ENDING, end_links, is_ending
from practio_pages.pages.preferences_form import PreferencesForm, command_of, faults_in, form_of, read_preferences_form
from practio_pages.pages.room_titles import titles_in, titles_of
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, link_of, localizer_of, pairs_of, signed_in, site_of

MOST_ROOMS = 50
"""The largest number of rooms on a page; a room without a membership takes a query for its title."""


@dataclass(frozen=True, slots=True)
class RoomChoice:
    """A room that can be muted; ``title`` is None if the room no longer exists."""

    room_id: UUID
    title: str | None


async def show_preferences(request: Request) -> Response:
    """Show a person's preferences."""
    link = await link_of(request, Purpose.PREFERENCES)
    return await _page(request, link, status=200)


async def save(request: Request) -> Response:
    """Save the form, or show its faults; or end all links."""
    link, site = await link_of(request, Purpose.PREFERENCES), site_of(request)
    if is_ending(await fields_of(request)):
        return await _ended(request, link)
    signed = await signed_in(request, {SetPreferences.routing_key}, person_id=link.person_id)
    filled_form = read_preferences_form(await pairs_of(request))
    faults = faults_in(filled_form)
    if signed is None or faults:
        status = 422 if faults else 200
        return await _page(request, link, filled_form=filled_form, faults=faults, status=status)
    async with site.gateway.lock_for(link.person_id):
        outcome = await _saved(site, signed, filled_form)
    if isinstance(outcome, Refusal):
        return await _page(request, link, filled_form=filled_form, outcome=outcome, status=409)
    return await _page(request, link, outcome=outcome, status=200)


async def _ended(request: Request, link: Link) -> Response:
    outcome = await end_links(request, link)
    if isinstance(outcome, CommandAccepted):
        return render(request, "links-ended", localizer_of(request, link))
    return await _page(request, link, outcome=outcome, status=409 if outcome else 200)


async def preferences_of(site: Site, person_id: UUID) -> Preferences | Refusal:
    """Return a person's preferences; raise UnavailableError."""
    return await site.gateway.ask(GetPreferences(person_id=person_id), Preferences, actor=person_id)


async def _saved(site: Site, signed: SignedCommand, filled_form: PreferencesForm) -> CommandAccepted | Refusal:
    before = await preferences_of(site, signed.person_id)
    if isinstance(before, Refusal):
        return before
    command = command_of(filled_form, before)
    return await site.gateway.send(command, actor=signed.person_id, id=signed.id_with(command.model_dump_json()))


async def _page(
    request: Request,
    link: Link,
    *,
    status: int,
    filled_form: PreferencesForm | None = None,
    faults: Mapping[str, str] | None = None,
    outcome: CommandAccepted | Refusal | None = None,
) -> Response:
    site, localizer = site_of(request), localizer_of(request, link)
    preferences, memberships = await asyncio.gather(
        preferences_of(site, link.person_id), _memberships(site, link.person_id)
    )
    if isinstance(preferences, Refusal):
        return render(request, "preferences-refused", localizer, status=409, refusal=preferences)
    rooms = await _rooms(site, link, preferences, memberships)
    return render(
        request,
        "preferences",
        localizer,
        status=status,
        form=site.forms.sign(SetPreferences.routing_key, person_id=link.person_id),
        me=site.path_from(link, Purpose.ME),
        ending=ENDING,
        ending_form=site.forms.sign(EndLinks.routing_key, person_id=link.person_id),
        filled_form=filled_form or form_of(preferences),
        faults=faults or {},
        rooms=rooms,
        muted_beside=len(set(preferences.muted_room_ids) - {room.room_id for room in rooms}),
        zone=link.time_zone,
        refusal=outcome if isinstance(outcome, Refusal) else None,
        accepted=outcome if isinstance(outcome, CommandAccepted) else None,
    )


async def _memberships(site: Site, person_id: UUID) -> Memberships:
    query = ListMemberships(person_id=person_id, live_only=True, limit=MOST_ROOMS)
    result = await site.gateway.ask(query, Memberships, actor=person_id)
    return result if isinstance(result, Memberships) else Memberships(memberships=[])


async def _rooms(site: Site, link: Link, preferences: Preferences, found: Memberships) -> Sequence[RoomChoice]:
    """Return the rooms to choose from: the one of the link, the muted ones, and those of the person's memberships."""
    from_link, muted = [link.room_id] if link.room_id else [], preferences.muted_room_ids
    listed = dict.fromkeys([*from_link, *muted, *(each.room_id for each in found.memberships)])
    ids = list(islice(listed, MOST_ROOMS))
    titles = await titles_of(site, link.person_id, ids, known=titles_in(found))
    return [RoomChoice(each, titles.get(each)) for each in ids if each in titles or each in muted]


ROUTES = [
    Route("/preferences/{token}", show_preferences, methods=["GET"]),
    Route("/preferences/{token}", save, methods=["POST"]),
]
