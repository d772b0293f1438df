"""The offices of a room on its desk: who holds which, and each change with what follows from it."""

import asyncio
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_contracts.membership import Status
from practio_contracts.rooms import GetRoom, RoomResult
from practio_pages.entered_fields import entered_in
from practio_pages.ids import id_in
from practio_pages.pages.desk import HOST, Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.pages.filled_form import FilledForm
from practio_pages.pages.office_steps import (
    APPOINT,
    DISMISS,
    FIELDS,
    HAND_OVER,
    TAKE_BACK,
    OfficeCommand,
    OfficeFormFaults,
    OfficeStep,
    command_of,
    is_possible,
)
from practio_pages.pages.page_buttons import turned_to
from practio_pages.pages.people_names import names_of
from practio_pages.pages.roster_parts import RosterPart, load_parts
from practio_pages.pages.sidebar import office_of
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, localizer_of, signed_in, site_of

_A_PAGE = 50
_CHOOSING = (APPOINT, HAND_OVER)
"""The steps that choose among the people with a seat."""


@dataclass(frozen=True, slots=True)
class People:
    """Those whom a step can choose, with all names at hand; ``part`` leads to more of them."""

    ids: list[UUID]
    names: dict[UUID, str]
    part: RosterPart | None = None


async def show_offices(request: Request) -> Response:
    """Show who holds which office."""
    link, _ = await desk_link(request)
    desk = await desk_of(site_of(request), link)
    return desk_closed(request, link, desk) if isinstance(desk, Refusal) else await _offices_page(request, link, desk)


async def show_step(request: Request, step: OfficeStep) -> Response:
    """Show what follows from a change, and its form."""
    link, _ = await desk_link(request)
    site = site_of(request)
    desk, seated = await asyncio.gather(desk_of(site, link), _seated(site, link, step, request.url))
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk)
    return await _step_page(request, link, desk, step, FilledForm(_shown_first(request, desk, step)), seated)


async def take_step(request: Request, step: OfficeStep) -> Response:
    """Make a change, and show who holds which office then."""
    link, room_id = await desk_link(request)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {step.command.routing_key}, person_id=link.person_id, room_id=room_id)
    desk = await desk_of(site, link)
    content = {name: fields.get(name) or fields.get(f"was.{name}", "") for name in FIELDS} | _person_in(request)
    command = command_of(step, content, room_id)
    if isinstance(desk, Refusal) and not _lays_down(step, command, link):
        return desk_closed(request, link, desk, entered_in(fields))
    if not isinstance(desk, Refusal) and (url := turned_to(request.url, fields)):
        return await _step_page(request, link, desk, step, FilledForm(content), url=url)
    if not isinstance(command, dict) and signed is not None:
        key = signed.id_with(command.model_dump_json())
        outcome = await site.gateway.send(command, actor=link.person_id, id=key)
        if not isinstance(outcome, Refusal):
            return await _after(request, link, step, command, changed=outcome.changed)
        if not isinstance(desk, Refusal):
            return await _step_page(request, link, desk, step, FilledForm(content, refusal=outcome))
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk, entered_in(fields))
    return await _step_page(
        request, link, desk, step, FilledForm(content, command if isinstance(command, dict) else {})
    )


def _lays_down(step: OfficeStep, command: OfficeCommand | OfficeFormFaults, link: Link) -> bool:
    """Return whether a person gives up their own office: the form may be sent again once they have lost the desk."""
    return step is DISMISS and not isinstance(command, dict) and command.person_id == link.person_id


async def _after(request: Request, link: Link, step: OfficeStep, command: OfficeCommand, *, changed: bool) -> Response:
    desk = await desk_of(site_of(request), link)
    if not isinstance(desk, Refusal):
        return await _offices_page(request, link, desk, done=step, person_id=command.person_id, changed=changed)
    if _lays_down(step, command, link):
        return await _laid_down(request, link)
    return desk_closed(request, link, desk)


async def _laid_down(request: Request, link: Link) -> Response:
    assert link.room_id is not None
    found = await site_of(request).gateway.ask(GetRoom(room_id=link.room_id), RoomResult, actor=link.person_id)
    room = None if isinstance(found, Refusal) else found.room
    return render(request, "office-laid-down", localizer_of(request, link), room=room, room_id=link.room_id)


async def _offices_page(
    request: Request,
    link: Link,
    desk: Desk,
    *,
    done: OfficeStep | None = None,
    person_id: UUID | None = None,
    changed: bool = False,
) -> Response:
    room, proposed = desk.room, desk.room_result.proposed_host_id
    ids = [room.host_id, *room.facilitator_ids, *room.steward_ids, *(each for each in (proposed, person_id) if each)]
    return render(
        request,
        "desk-offices",
        desk_localizer(request, link, room),
        desk=desk,
        room=room,
        root=desk_root(request),
        names=await names_of(site_of(request), room.room_id, ids, actor=link.person_id),
        me=link.person_id,
        proposed=proposed if desk.office == HOST else None,
        possible=[each.name for each in (APPOINT, HAND_OVER, TAKE_BACK) if _can(each, link, desk)],
        can_dismiss=lambda person: is_possible(DISMISS, desk.room_result, by=link.person_id, person_id=person),
        done=done,
        person=person_id,
        changed=changed,
    )


async def _step_page(
    request: Request,
    link: Link,
    desk: Desk,
    step: OfficeStep,
    filled: FilledForm,
    seated: RosterPart | None = None,
    url: URL | None = None,
) -> Response:
    """Return the page at ``url``, else at the address of the request; ``seated`` are the people whom it lists."""
    site, room, url = site_of(request), desk.room, url or request.url
    person = id_in(filled.content["person"])
    can = _can(step, link, desk, person)
    people = await _people(site, link, desk, step, person, seated or await _seated(site, link, step, url))
    return render(
        request,
        "office-step",
        desk_localizer(request, link, room),
        status=422 if filled.faults else 409 if filled.refusal or not can else 200,
        desk=desk,
        room=room,
        root=desk_root(request),
        step=step,
        action=f"{site.base}{url.path}?{url.query}",
        can=can,
        chosen_from=people,
        names=people.names,
        content=filled.content,
        person=person,
        lays_down=person == link.person_id,
        proposed=desk.room_result.proposed_host_id,
        faults=filled.faults,
        refusal=filled.refusal,
        entered=entered_in(filled.content) if step in _CHOOSING and not can and request.method == "POST" else [],
        form=site.forms.sign(step.command.routing_key, person_id=link.person_id, room_id=room.room_id),
    )


def _can(step: OfficeStep, link: Link, desk: Desk, person_id: UUID | None = None) -> bool:
    return is_possible(step, desk.room_result, by=link.person_id, person_id=person_id)


async def _people(
    site: Site, link: Link, desk: Desk, step: OfficeStep, chosen: UUID | None, seated: RosterPart | None
) -> People:
    """Return a page of the people with a seat and the one who is chosen, ordered by name.

    The first page of a hand-over has the offices too.
    """
    room, ids, part = desk.room, [], None
    if step in _CHOOSING and desk.office == HOST:
        part = seated
        ids = [each.membership.person_id for each in part.entries] if part else []
        if step is HAND_OVER and (part is None or part.first is None):
            ids = [*room.facilitator_ids, *room.steward_ids, *ids]
    ids = list(dict.fromkeys([*([chosen] if chosen else []), *ids]))
    known = [each for each in (*ids, desk.room_result.proposed_host_id) if each]
    names = await names_of(site, room.room_id, known, actor=link.person_id)
    return People(sorted(ids, key=lambda each: names.get(each, "").casefold()), names, part)


async def _seated(site: Site, link: Link, step: OfficeStep, url: URL) -> RosterPart | None:
    """Return the page at ``url`` of the people with a seat, if the step chooses among them; a draft has none.

    Raise HTTPException if there is no such page.
    """
    if step not in _CHOOSING:
        return None
    found = await load_parts(site, link, url, {"inside": Status.JOINED}, most=_A_PAGE)
    return None if isinstance(found, Refusal) else found[1]["inside"]


def _shown_first(request: Request, desk: Desk, step: OfficeStep) -> dict[str, str]:
    """Return the content of a form that nobody has filled in yet."""
    asked = id_in(request.query_params.get("person", "")) if step in _CHOOSING else None
    content = dict.fromkeys(FIELDS, "") | {"person": str(asked or "")} | _person_in(request)
    proposed = desk.room_result.proposed_host_id
    if step is TAKE_BACK and proposed:
        content["person"] = str(proposed)
    if step is DISMISS:
        content["office"] = office_of(desk.room, request.path_params["person_id"]) or ""
    return content


def _person_in(request: Request) -> dict[str, str]:
    return {"person": str(request.path_params["person_id"])} if "person_id" in request.path_params else {}


def _routes(step: OfficeStep, more: str = "") -> list[Route]:
    path = f"/desk/{{token}}/offices/{step.name}{more}"
    return [
        Route(path, partial(show_step, step=step), methods=["GET"]),
        Route(path, partial(take_step, step=step), methods=["POST"]),
    ]


ROUTES = [
    Route("/desk/{token}/offices", show_offices, methods=["GET"]),
    *_routes(APPOINT),
    *_routes(HAND_OVER),
    *_routes(TAKE_BACK),
    *_routes(DISMISS, "/{person_id:uuid}"),
]
