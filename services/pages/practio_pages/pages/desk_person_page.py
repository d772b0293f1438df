"""One person of a room on its desk: where they stand, what its offices can do about them, and the history."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link
from practio_contracts.membership import (
    AssignBuddy,
    Change,
    Explain,
    Explanation,
    GetHistory,
    GetMembership,
    GetRoster,
    History,
    Membership,
    MembershipResult,
    Remove,
    RevokeOffer,
    Roster,
    Status,
)
from practio_contracts.rooms import RoomStatus
from practio_pages.pages.desk import Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root, step_in
from practio_pages.pages.former_people import FORMER
from practio_pages.pages.history_page import days
from practio_pages.pages.names import names_of
from practio_pages.pages.offices import APPOINT, HAND_OVER
from practio_pages.pages.offices import Step as OfficeStep
from practio_pages.pages.offices import is_possible as is_possible_for_office
from practio_pages.pages.people_steps import STEPS, Faults, PersonCommand, Step, command_of, is_possible, steps_for
from practio_pages.pages.sidebar import office_of
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, signed_in, site_of
from practio_pages.written import written_in

WAS = "was"
"""The field with what a step replaces, as its page showed it."""

_A_PAGE = 200
"""The most people to choose a buddy among on one page."""

_BEHIND = Refusal(code="version-conflict", detail="somebody else has changed this in the meantime")


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as the desk shows them; ``names`` has theirs if it is at hand, and those of their buddies."""

    person_id: UUID
    membership: Membership | None
    ahead: int | None
    explanation: Explanation
    changes: Sequence[Change]
    names: Mapping[UUID, str]
    buddy_id: UUID | None = None
    buddy_of: Sequence[UUID] = ()

    @property
    def status(self) -> Status | None:
        """Return the status of the membership, if there is one."""
        return self.membership.status if self.membership else None

    @property
    def may_come_back(self) -> bool:
        """Return whether the membership has ended and the person is not barred."""
        return self.status in FORMER and all(each.code != "barred" for each in self.explanation.reasons)

    @property
    def priority(self) -> str:
        """Return the priority of a person on the waitlist, as it stands in a form."""
        found = (each.priority for each in self.explanation.reasons if each.priority is not None)
        return str(next(found, ""))

    def now(self, step: Step) -> str:
        """Return what a step replaces, as it stands in a form."""
        match step.replaces:
            case "priority":
                return self.priority
            case "role":
                return (self.membership and self.membership.role) or ""
            case "buddy_id":
                return str(self.buddy_id or "")
        return ""


@dataclass(frozen=True, slots=True)
class Others:
    """People to choose among, by name, or by signs of their id; ``after`` leads to more of them."""

    names: Mapping[UUID, str]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in, with its faults, or the refusal of its command.

    ``was`` is what the page showed of the value that the step replaces, if it did.
    """

    content: Mapping[str, str] = field(default_factory=dict)
    faults: Faults = field(default_factory=dict)
    refusal: Refusal | None = None
    was: str | None = None


async def look(request: Request) -> Response:
    """Show a person; opening the page changes nothing."""
    link, _ = await desk_link(request)
    site = site_of(request)
    desk, view = await asyncio.gather(desk_of(site, link), _load_person(site, link, request.path_params["person_id"]))
    return desk_closed(request, link, desk) if isinstance(desk, Refusal) else _person_page(request, link, desk, view)


async def look_at_step(request: Request) -> Response:
    """Show what follows from a step, and its form."""
    link, _ = await desk_link(request)
    step = step_in(request, STEPS)
    desk = await desk_of(site_of(request), link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk)
    return await _step_page(request, link, desk, step, Filled())


async def act(request: Request) -> Response:
    """Take a step, and show where the person stands then."""
    link, room_id = await desk_link(request)
    site, step, fields = site_of(request), step_in(request, STEPS), await fields_of(request)
    signed = await signed_in(request, {step.command.routing_key}, person_id=link.person_id, room_id=room_id)
    desk = await desk_of(site, link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk, written_in(fields))
    content, was = {name: fields.get(name, "") for name in step.fields}, fields.get(WAS)
    command = command_of(step, content, room=desk.room, person_id=request.path_params["person_id"])
    if isinstance(command, dict):
        return await _step_page(request, link, desk, step, Filled(content, command, was=was))
    if signed is None:
        return await _step_page(request, link, desk, step, Filled(content, was=was))
    async with site.gateway.lock_for(room_id):
        is_behind = await _is_behind(site, link, step, command, was=was)
        key = signed.id_with(command.model_dump_json())
        outcome = _BEHIND if is_behind else await site.gateway.send(command, actor=link.person_id, id=key)
    if isinstance(outcome, Refusal):
        seen = None if is_behind else was  # what somebody else has changed is shown now
        return await _step_page(request, link, desk, step, Filled(content, refusal=outcome, was=seen))
    view = await _load_person(site, link, request.path_params["person_id"])
    return _person_page(request, link, desk, view, done=step, command=command, outcome=outcome)


async def _is_behind(site: Site, link: Link, step: Step, command: PersonCommand, *, was: str | None) -> bool:
    """Return whether somebody else has changed what a step replaces since its page showed it as ``was``."""
    if was is None or step.replaces is None:
        return False
    view = await _load_person(site, link, command.person_id)
    wanted = getattr(command, step.replaces)
    return isinstance(view, PersonView) and view.now(step) not in (was, "" if wanted is None else str(wanted))


def _person_page(
    request: Request,
    link: Link,
    desk: Desk,
    view: PersonView | Refusal,
    *,
    done: Step | None = None,
    command: PersonCommand | None = None,
    outcome: CommandAccepted | None = None,
) -> Response:
    if isinstance(view, Refusal):
        return desk_closed(request, link, view)
    room, localizer = desk.room, desk_localizer(request, link, desk.room)
    return render(
        request,
        "desk-person",
        localizer,
        desk=desk,
        room=room,
        root=desk_root(request),
        view=view,
        names=view.names,
        invites_again=room.status is RoomStatus.PUBLISHED and view.may_come_back,
        appoints=_appoints(desk, link, view.person_id),
        steps=steps_for(view.status, office=desk.office, room=room),
        days=days(
            view.changes,
            person_id=view.person_id,
            host_id=room.host_id,
            zone=localizer.zone,
            reader_id=link.person_id,
        ),
        done=done,
        command=command,
        changed=outcome is not None and outcome.changed,
    )


def _appoints(desk: Desk, link: Link, person_id: UUID) -> list[str]:
    """Return which steps of offices can choose a person who is known to the room, with a seat or without."""
    room = desk.room
    if person_id == room.host_id:
        return []
    possible = [each for each in (APPOINT, HAND_OVER) if _can_choose(each, desk, link)]
    return [each.name for each in possible if each is HAND_OVER or office_of(room, person_id) is None]


def _can_choose(step: OfficeStep, desk: Desk, link: Link) -> bool:
    return is_possible_for_office(step, desk.room_result, by=link.person_id, person_id=None)


async def _step_page(request: Request, link: Link, desk: Desk, step: Step, filled: Filled) -> Response:
    site, room = site_of(request), desk.room
    view, roster = await asyncio.gather(
        _load_person(site, link, request.path_params["person_id"]), _roster_for(site, link, step)
    )
    if isinstance(view, Refusal):
        return desk_closed(request, link, view, written_in(filled.content))
    possible = is_possible(step, view.status, office=desk.office, room=room)
    others = await _others(request, link, view) if possible and step.command is AssignBuddy else Others({})
    if isinstance(others, Refusal):
        return desk_closed(request, link, others, written_in(filled.content))
    return render(
        request,
        "desk-person-step",
        desk_localizer(request, link, room),
        status=422 if filled.faults else 409 if filled.refusal or not possible else 200,
        desk=desk,
        room=room,
        root=desk_root(request),
        view=view,
        names={**view.names, **others.names},
        others=others.names,
        more=others.after,
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
        written=[] if possible else written_in(filled.content),
    )


async def _roster_for(site: Site, link: Link, step: Step) -> Roster | None:
    """Return the numbers of a room's seats and waitlist for a step that frees a seat; None if they are not known."""
    if step.command not in (Remove, RevokeOffer):
        return None
    assert link.room_id is not None
    roster = await site.gateway.ask(GetRoster(room_id=link.room_id, limit=1), Roster, actor=link.person_id)
    return None if isinstance(roster, Refusal) else roster


async def _load_person(site: Site, link: Link, person_id: UUID) -> PersonView | Refusal:
    assert link.room_id is not None
    reader, room_id = link.person_id, link.room_id
    result, explanation, history, names = await asyncio.gather(
        site.gateway.ask(GetMembership(room_id=room_id, person_id=person_id), MembershipResult, actor=reader),
        site.gateway.ask(Explain(room_id=room_id, person_id=person_id), Explanation, actor=reader),
        site.gateway.ask(GetHistory(room_id=room_id, person_id=person_id), History, actor=reader),
        names_of(site, room_id, [person_id], actor=reader),
    )
    match result, explanation, history:
        case MembershipResult(), Explanation(), History():
            names |= await names_of(
                site, room_id, [each for each in (result.buddy_id, *result.buddy_of) if each], actor=reader
            )
            return PersonView(
                person_id,
                result.membership,
                result.ahead,
                explanation,
                history.changes,
                names,
                result.buddy_id,
                result.buddy_of,
            )
    return next(each for each in (result, explanation, history) if isinstance(each, Refusal))


async def _others(request: Request, link: Link, view: PersonView) -> Others | Refusal:
    """Return a page of those who can be the buddy of a person, and the one who is.

    Raise HTTPException if there is no such page.
    """
    site, after = site_of(request), request.query_params.get("after") or None
    about = {"room_id": link.room_id, "status": Status.JOINED, "limit": _A_PAGE, "after": after}
    try:
        query = GetRoster.model_validate(about)
    except ValidationError as error:
        raise HTTPException(404) from error
    roster = await site.gateway.ask(query, Roster, actor=link.person_id)
    if isinstance(roster, Refusal):
        return roster
    found = [each.membership.person_id for each in roster.entries if each.membership.person_id != view.person_id]
    ids = dict.fromkeys([view.buddy_id, *found] if view.buddy_id else found)
    names = await names_of(site, query.room_id, ids, actor=link.person_id)
    shown = {each: names.get(each, each.hex[-4:].upper()) for each in ids}
    return Others(dict(sorted(shown.items(), key=lambda each: each[1].casefold())), roster.after)


ROUTES = [
    Route("/desk/{token}/people/{person_id:uuid}", look, methods=["GET"]),
    Route("/desk/{token}/people/{person_id:uuid}/{step}", look_at_step, methods=["GET"]),
    Route("/desk/{token}/people/{person_id:uuid}/{step}", act, methods=["POST"]),
]
