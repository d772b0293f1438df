"""A room's life on its desk: the steps that its host can take, each with what follows from it."""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link
from practio_contracts.membership import GetRoster, Roster
from practio_contracts.rooms import DiscardDraft, Room
from practio_pages.entered_fields import entered_in
from practio_pages.forms import SignedCommand
from practio_pages.pages.coming_sessions import coming_count
from practio_pages.pages.desk import HOST, Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root, step_in
from practio_pages.pages.field_faults import FieldFault
from practio_pages.pages.room_life_steps import STEPS, LifeCommand, RoomLifeStep, command_of, steps_from
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, localizer_of, signed_in, site_of


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom and what a step concerns; ``roster`` is None for a draft."""

    roster: Roster | None
    sessions: int


async def show_steps(request: Request) -> Response:
    """Show the steps that the room can take now."""
    link, _ = await desk_link(request)
    desk = await desk_of(site_of(request), link)
    return desk_closed(request, link, desk) if isinstance(desk, Refusal) else _steps_page(request, link, desk)


async def show_step(request: Request) -> Response:
    """Show what follows from a step, and its button."""
    link, _ = await desk_link(request)
    step = step_in(request, STEPS)
    desk = await desk_of(site_of(request), link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk)
    return await _step_page(request, link, desk, step)


async def take_step(request: Request) -> Response:
    """Take a step, and show what the room can do next."""
    link, room_id = await desk_link(request)
    site, step, fields = site_of(request), step_in(request, STEPS), await fields_of(request)
    signed = await signed_in(request, {step.command.routing_key}, person_id=link.person_id, room_id=room_id)
    desk = await desk_of(site, link)
    reason = fields.get("reason", "")
    command = command_of(step, room_id, reason)
    if isinstance(desk, Refusal):
        if signed and isinstance(command, DiscardDraft):
            return await _discard_again(request, link, signed, command, desk)
        return desk_closed(request, link, desk, entered_in(fields))
    if isinstance(command, FieldFault):
        return await _step_page(request, link, desk, step, reason=reason, fault=command)
    if signed is None:
        return await _step_page(request, link, desk, step, reason=reason)
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    if isinstance(outcome, Refusal):
        return await _step_page(request, link, desk, step, reason=reason, refusal=outcome)
    if isinstance(command, DiscardDraft):
        return _discarded(request, link)
    return await _after(request, link, step, outcome)


async def _after(request: Request, link: Link, step: RoomLifeStep, outcome: CommandAccepted) -> Response:
    desk = await desk_of(site_of(request), link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk)
    return _steps_page(request, link, desk, done=step, outcome=outcome)


async def _discard_again(
    request: Request, link: Link, signed: SignedCommand, command: LifeCommand, unknown: Refusal
) -> Response:
    """Return the page of a discarded draft, if the form that discarded it was sent again."""
    key = signed.id_with(command.model_dump_json())
    outcome = await site_of(request).gateway.send(command, actor=link.person_id, id=key)
    return desk_closed(request, link, unknown) if isinstance(outcome, Refusal) else _discarded(request, link)


def _discarded(request: Request, link: Link) -> Response:
    return render(request, "draft-discarded", localizer_of(request, link))


def _steps_page(
    request: Request,
    link: Link,
    desk: Desk,
    *,
    done: RoomLifeStep | None = None,
    outcome: CommandAccepted | None = None,
) -> Response:
    return render(
        request,
        "room-life",
        desk_localizer(request, link, desk.room),
        desk=desk,
        room=desk.room,
        root=desk_root(request),
        steps=steps_from(desk.room.status) if desk.office == HOST else [],
        done=done,
        changed=outcome is not None and outcome.changed,
    )


async def _step_page(
    request: Request,
    link: Link,
    desk: Desk,
    step: RoomLifeStep,
    *,
    reason: str = "",
    fault: FieldFault | None = None,
    refusal: Refusal | None = None,
) -> Response:
    site, room = site_of(request), desk.room
    is_possible = desk.office == HOST and room.status in step.out_of
    return render(
        request,
        "room-life-step",
        desk_localizer(request, link, room),
        status=422 if fault else 409 if refusal or not is_possible else 200,
        desk=desk,
        room=room,
        root=desk_root(request),
        step=step,
        is_possible=is_possible,
        concerned=await _concerned(site, link, room),
        reason=reason,
        fault=fault,
        refusal=refusal,
        form=site.forms.sign(step.command.routing_key, person_id=link.person_id, room_id=room.room_id),
        entered=[] if is_possible else entered_in({"reason": reason}),
    )


async def _concerned(site: Site, link: Link, room: Room) -> Concerned:
    query = GetRoster(room_id=room.room_id, limit=1)
    roster, sessions = await asyncio.gather(
        site.gateway.ask(query, Roster, actor=link.person_id), coming_count(site, link, room.room_id)
    )
    return Concerned(roster if isinstance(roster, Roster) else None, sessions)


ROUTES = [
    Route("/desk/{token}/life", show_steps, methods=["GET"]),
    Route("/desk/{token}/life/{step}", show_step, methods=["GET"]),
    Route("/desk/{token}/life/{step}", take_step, methods=["POST"]),
]
