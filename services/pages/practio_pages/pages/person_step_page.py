"""A step about one person of a room on its desk: what follows from it, its form, and its command."""

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
from practio_contracts.membership import AssignBuddy, GetRoster, Remove, RevokeOffer, Roster, Status
from practio_pages.entered_fields import entered_in
from practio_pages.ids import id_in
from practio_pages.pages.desk import Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root, step_in
from practio_pages.pages.desk_person_page import person_page
from practio_pages.pages.desk_person_view import PersonView, not_asked, person_standing, person_with_history
from practio_pages.pages.page_buttons import turned_to
from practio_pages.pages.people_names import names_of
from practio_pages.pages.person_steps import (
    BEHIND,
    STEPS,
    PersonCommand,
    PersonStep,
    PersonStepFaults,
    command_of,
    is_possible,
)
from practio_pages.pages.roster_parts import RosterPart, load_parts
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, signed_in, site_of

WAS = "was"
"""The field with what a step replaces, as its page showed it."""


_A_PAGE = 200
"""The most people to choose a buddy among on one page."""


@dataclass(frozen=True, slots=True)
class PersonStepForm:
    """A form as it was filled in, with its faults, or the refusal of its command.

    ``was`` is what the page showed of the value that the step replaces, if it did.
    """

    content: Mapping[str, str] = field(default_factory=dict)
    faults: PersonStepFaults = field(default_factory=dict)
    refusal: Refusal | None = None
    was: str | None = None


ForStep = tuple[PersonView | Refusal, Roster | None, RosterPart | Refusal | None, dict[UUID, str]]
"""A person, the numbers of a room's seats, the people in it if one of them is chosen, and names."""


async def show_step(request: Request) -> Response:
    """Show what follows from a step, and its form."""
    link, _ = await desk_link(request)
    step = step_in(request, STEPS)
    desk, found = await asyncio.gather(
        desk_of(site_of(request), link), _load_for_step(request, link, step, request.url)
    )
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk)
    return await _step_page(request, link, desk, step, PersonStepForm(), found)


async def take_step(request: Request) -> Response:
    """Take a step, and show where the person stands then."""
    link, room_id = await desk_link(request)
    site, step, fields = site_of(request), step_in(request, STEPS), await fields_of(request)
    signed = await signed_in(request, {step.command.routing_key}, person_id=link.person_id, room_id=room_id)
    desk = await desk_of(site, link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk, entered_in(fields))
    content, was = {name: fields.get(name, "") for name in step.fields}, fields.get(WAS)
    if url := turned_to(request.url, fields):
        return await _step_page(request, link, desk, step, PersonStepForm(content, was=was), url=url)
    command = command_of(step, content, room=desk.room, person_id=request.path_params["person_id"])
    if isinstance(command, dict):
        return await _step_page(request, link, desk, step, PersonStepForm(content, command, was=was))
    if signed is None:
        return await _step_page(request, link, desk, step, PersonStepForm(content, was=was))
    async with site.gateway.lock_for(room_id):
        is_behind = await _is_behind(site, link, step, command, was=was)
        key = signed.id_with(command.model_dump_json())
        outcome = BEHIND if is_behind else await site.gateway.send(command, actor=link.person_id, id=key)
    if isinstance(outcome, Refusal):
        seen = None if is_behind else was  # what somebody else has changed is shown now
        return await _step_page(request, link, desk, step, PersonStepForm(content, refusal=outcome, was=seen))
    view = await person_with_history(site, link, request.path_params["person_id"])
    return person_page(request, link, desk, view, done=step, command=command, outcome=outcome)


async def _is_behind(site: Site, link: Link, step: PersonStep, command: PersonCommand, *, was: str | None) -> bool:
    """Return whether somebody else has changed what a step replaces since its page showed it as ``was``."""
    if was is None or step.replaces is None:
        return False
    view = await person_standing(site, link, step, command.person_id)
    wanted = getattr(command, step.replaces)
    return isinstance(view, PersonView) and view.now(step) not in (was, "" if wanted is None else str(wanted))


async def _step_page(
    request: Request,
    link: Link,
    desk: Desk,
    step: PersonStep,
    filled: PersonStepForm,
    found: ForStep | None = None,
    url: URL | None = None,
) -> Response:
    """Return the page at ``url``, else at the address of the request; ``found`` is what it shows."""
    site, room, url = site_of(request), desk.room, url or request.url
    view, roster, inside, names = found or await _load_for_step(request, link, step, url)
    if isinstance(view, Refusal):
        return desk_closed(request, link, view, entered_in(filled.content))
    possible = is_possible(step, view.status, office=desk.office, room=room)
    if isinstance(inside, Refusal) and possible:
        return desk_closed(request, link, inside, entered_in(filled.content))
    part = inside if isinstance(inside, RosterPart) and possible else None
    ids = _others_in(part, view, filled.content.get("buddy_id", "")) if part else []
    unnamed = [*([view.person_id] if step.command is AssignBuddy else ()), *view.buddies, *ids]
    names |= await names_of(site, room.room_id, unnamed, actor=link.person_id)
    others = sorted({each: names.get(each, each.hex[-4:].upper()) for each in ids}.items(), key=_folded)
    return render(
        request,
        "desk-person-step",
        desk_localizer(request, link, room),
        status=422 if filled.faults else 409 if filled.refusal or not possible else 200,
        desk=desk,
        room=room,
        root=desk_root(request),
        view=view,
        names=names,
        others=dict(others),
        part=part,
        action=f"{site.base}{url.path}?{url.query}",
        roster=roster,
        step=step,
        is_possible=possible,
        content=dict.fromkeys(step.fields, "")
        | {"priority": view.priority, "buddy_id": str(view.buddy_id or "")}
        | dict(filled.content),
        faults=filled.faults,
        refusal=filled.refusal,
        was={WAS: view.now(step) if filled.was is None else filled.was} if step.replaces else {},
        form=site.forms.sign(step.command.routing_key, person_id=link.person_id, room_id=room.room_id),
        entered=[] if possible else entered_in(filled.content),
    )


async def _roster_for(site: Site, link: Link, step: PersonStep) -> Roster | None:
    """Return the numbers of a room's seats and waitlist for a step that frees a seat; None if they are not known."""
    if step.command not in (Remove, RevokeOffer):
        return None
    assert link.room_id is not None
    roster = await site.gateway.ask(GetRoster(room_id=link.room_id, limit=1), Roster, actor=link.person_id)
    return None if isinstance(roster, Refusal) else roster


async def _load_for_step(request: Request, link: Link, step: PersonStep, url: URL) -> ForStep:
    """Return what the page of a step shows at ``url``; raise HTTPException if it has no such part.

    The names of those among whom a buddy is chosen come in one query with that of the person, once all are known.
    """
    assert link.room_id is not None
    site, person_id = site_of(request), request.path_params["person_id"]
    named = [] if step.command is AssignBuddy else [person_id]
    return await asyncio.gather(
        person_standing(site, link, step, person_id),
        _roster_for(site, link, step),
        _inside(site, link, url) if step.command is AssignBuddy else not_asked(),
        names_of(site, link.room_id, named, actor=link.person_id),
    )


async def _inside(site: Site, link: Link, url: URL) -> RosterPart | Refusal:
    """Return the page at ``url`` of the people who have joined; raise HTTPException if there is no such page."""
    found = await load_parts(site, link, url, {"inside": Status.JOINED}, most=_A_PAGE)
    return found if isinstance(found, Refusal) else found[1]["inside"]


def _others_in(inside: RosterPart, view: PersonView, chosen: str) -> list[UUID]:
    """Return those who can be the buddy of a person, the one who is, and the one who is ``chosen`` in the form."""
    kept = [each for each in (view.buddy_id, id_in(chosen)) if each]
    found = [*kept, *(each.membership.person_id for each in inside.entries)]
    return [each for each in dict.fromkeys(found) if each != view.person_id]


def _folded(named: tuple[UUID, str]) -> str:
    return named[1].casefold()


ROUTES = [
    Route("/desk/{token}/people/{person_id:uuid}/{step}", show_step, methods=["GET"]),
    Route("/desk/{token}/people/{person_id:uuid}/{step}", take_step, methods=["POST"]),
]
