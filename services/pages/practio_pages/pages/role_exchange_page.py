"""Exchanging the roles of several people in a room, in one move."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_contracts.membership import ExchangeRoles, GetMembership, MembershipResult, Status
from practio_pages.entered_fields import entered_in
from practio_pages.pages.desk import Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.pages.page_buttons import turned_to
from practio_pages.pages.people_names import names_of
from practio_pages.pages.person_steps import BEHIND, STEPS, is_possible
from practio_pages.pages.role_exchange_form import (
    ROLE,
    WAS,
    RoleExchangeFault,
    carried,
    changed_meanwhile,
    content_of,
    exchange_of,
)
from practio_pages.pages.roster_parts import RosterView, load_parts
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, signed_in, site_of

_A_PAGE = 200
"""The most people whose roles are exchanged on one page; what is chosen on it is kept on the next one."""


@dataclass(frozen=True, slots=True)
class RoleExchangeForm:
    """A form as it was filled in, with its fault, or the refusal of its command; ``done``: it has taken effect.

    ``meanwhile`` are the roles that somebody else gave to people whom it concerns, since it was shown.
    """

    content: Mapping[str, str] = field(default_factory=dict)
    fault: RoleExchangeFault | None = None
    refusal: Refusal | None = None
    done: bool = False
    meanwhile: Mapping[UUID, str] = field(default_factory=dict)


async def show_roles(request: Request) -> Response:
    """Show everybody in the room with their role."""
    link, _ = await desk_link(request)
    desk = await desk_of(site_of(request), link)
    return (
        desk_closed(request, link, desk)
        if isinstance(desk, Refusal)
        else await _page(request, link, desk, RoleExchangeForm())
    )


async def exchange_roles(request: Request) -> Response:
    """Exchange the roles, and show who has which."""
    link, room_id = await desk_link(request)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {ExchangeRoles.routing_key}, person_id=link.person_id, room_id=room_id)
    desk = await desk_of(site, link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk, entered_in(fields))
    content = content_of(fields)
    if url := turned_to(request.url, fields):
        return await _page(request, link, desk, RoleExchangeForm(content), url)
    command = exchange_of(content, room_id=room_id)
    if isinstance(command, RoleExchangeFault):
        return await _page(request, link, desk, RoleExchangeForm(content, fault=command))
    if signed is None:
        return await _page(request, link, desk, RoleExchangeForm(content))
    async with site.gateway.lock_for(room_id):
        meanwhile = changed_meanwhile(content, command, await _roles_now(site, link, command))
        key = signed.id_with(command.model_dump_json())
        outcome = BEHIND if meanwhile else await site.gateway.send(command, actor=link.person_id, id=key)
    if isinstance(outcome, Refusal):
        seen = content | {f"{WAS}{person_id}": role for person_id, role in meanwhile.items()}
        return await _page(request, link, desk, RoleExchangeForm(seen, refusal=outcome, meanwhile=meanwhile))
    return await _page(request, link, desk, RoleExchangeForm(done=True))


async def _roles_now(site: Site, link: Link, command: ExchangeRoles) -> dict[UUID, str | None]:
    """Return the roles of the people of a command who are in the room now."""
    queries = [GetMembership(room_id=command.room_id, person_id=each.person_id) for each in command.assignments]
    answers = await asyncio.gather(
        *(site.gateway.ask(each, MembershipResult, actor=link.person_id) for each in queries)
    )
    found = [each.membership for each in answers if isinstance(each, MembershipResult) and each.membership]
    return {each.person_id: each.role for each in found if each.status is Status.JOINED}


async def _page(request: Request, link: Link, desk: Desk, filled: RoleExchangeForm, url: URL | None = None) -> Response:
    """Return the page at ``url``, else at the address of the request."""
    site, room, url = site_of(request), desk.room, url or request.url
    found = await load_parts(site, link, url, {"inside": Status.JOINED}, most=_A_PAGE)
    if isinstance(found, Refusal):
        return desk_closed(request, link, found, entered_in(filled.content))
    view = RosterView(room, *found)
    possible = is_possible(STEPS["role"], Status.JOINED, office=desk.office, room=room)
    return render(
        request,
        "desk-roles",
        desk_localizer(request, link, room),
        status=422 if filled.fault else 409 if filled.refusal or not possible else 200,
        desk=desk,
        room=room,
        root=desk_root(request),
        part=view.parts["inside"],
        action=f"{site.base}{url.path}?{url.query}",
        carried=carried(filled.content, set(view.person_ids)),
        names=await names_of(site, room.room_id, [*view.person_ids, *filled.meanwhile], actor=link.person_id),
        is_possible=possible,
        entered=[] if possible and view.parts["inside"].entries else entered_in(filled.content),
        filled=filled,
        role_prefix=ROLE,
        was_prefix=WAS,
        form=site.forms.sign(ExchangeRoles.routing_key, person_id=link.person_id, room_id=room.room_id),
    )


ROUTES = [
    Route("/desk/{token}/people/roles", show_roles, methods=["GET"]),
    Route("/desk/{token}/people/roles", exchange_roles, methods=["POST"]),
]
