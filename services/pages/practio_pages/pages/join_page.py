"""The page to request to join or to accept an invitation: one form, from a membership or from a person's rooms."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import (
    AcceptInvitation,
    GetMembership,
    MembershipResult,
    Reason,
    RefusalCode,
    RequestToJoin,
)
from practio_contracts.rooms import GetRoom, Room, RoomResult
from practio_pages.entered_fields import EnteredField, entered_in
from practio_pages.pages.join_form import (
    JOIN_COMMANDS,
    JoinForm,
    JoinFormFault,
    command_from,
    faults_of,
    read_join_form,
    roles_to_choose,
)
from practio_pages.pages.own_reasons import own_reasons
from practio_pages.rendering import render
from practio_pages.site import Site, derived, fields_of, link_of, localizer_of, signed_in, site_of

_EMPTY_FORM = JoinForm()
_TEMPORARY = {RefusalCode.WAITLIST_FULL, RefusalCode.WAITLIST_CLOSED, RefusalCode.ROLE_FULL, RefusalCode.ROOM_UNKNOWN}


@dataclass(frozen=True, slots=True)
class JoinView:
    """A room and the person's membership; ``command`` is how the person can join now, None if they cannot.

    ``reasons`` are why they cannot.
    """

    room_result: RoomResult
    membership_result: MembershipResult
    command: str | None
    reasons: Sequence[Reason] = ()


@dataclass(frozen=True, slots=True)
class JoinResult:
    """The result of a form: an outcome or faults, and the content of the form, so that nothing is lost.

    ``entered`` is what was entered in it, also in fields that the page no longer has.
    """

    form: JoinForm = _EMPTY_FORM
    faults: Mapping[str, JoinFormFault] = field(default_factory=dict)
    outcome: CommandAccepted | Refusal | None = None
    command: str | None = None
    entered: Sequence[EnteredField] = ()

    @property
    def refusal(self) -> Refusal | None:
        """Return the refusal, if the command was refused."""
        return self.outcome if isinstance(self.outcome, Refusal) else None

    @property
    def retry_command(self) -> str | None:
        """Return the command to offer again, if it was refused for a reason that passes with time."""
        return self.command if self.refusal and self.refusal.code in _TEMPORARY else None

    @property
    def status(self) -> int:
        """Return the HTTP status of the page."""
        return 409 if self.refusal else 422 if self.faults else 200


async def show_join_form(request: Request) -> Response:
    """Show a room and the form to join it."""
    link = await _membership_link(request)
    view = await _load_view(site_of(request), link)
    return _page(request, link, view, JoinResult())


async def join(request: Request) -> Response:
    """Send the request, or accept the invitation, and show the outcome."""
    link, site, fields = await _membership_link(request), site_of(request), await fields_of(request)
    signed = await signed_in(request, JOIN_COMMANDS, person_id=link.person_id, room_id=link.room_id)
    view, entered = await _load_view(site, link), entered_in(fields)
    if isinstance(view, Refusal):
        return _page(request, link, view, JoinResult(entered=entered))
    join_form = read_join_form(fields, view.room_result.room)
    if signed is None:
        return _page(request, link, view, JoinResult(join_form, entered=entered))
    command = command_from(JOIN_COMMANDS[signed.command], join_form, view.room_result.room, link.person_id)
    if isinstance(command, dict):
        return _page(request, link, view, JoinResult(join_form, command, entered=entered))
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    view = await _load_view(site, link)
    if not isinstance(outcome, Refusal):
        return _page(request, link, view, JoinResult(outcome=outcome))
    return _page(request, link, view, JoinResult(join_form, faults_of(outcome), outcome, signed.command, entered))


async def _membership_link(request: Request) -> Link:
    """Return the link to the person's membership in the room, from either kind of link."""
    if room_id := request.path_params.get("room_id"):
        return derived(await link_of(request, Purpose.ROOMS), Purpose.WAY, room_id=room_id)
    return await link_of(request, Purpose.WAY)


async def _load_view(site: Site, link: Link) -> JoinView | Refusal:
    assert link.room_id is not None  # a signed link of this purpose names the room
    person, room = link.person_id, link.room_id
    room_result, membership_result = await asyncio.gather(
        site.gateway.ask(GetRoom(room_id=room), RoomResult, actor=person),
        site.gateway.ask(GetMembership(room_id=room, person_id=person), MembershipResult, actor=person),
    )
    match room_result, membership_result:
        case RoomResult(), MembershipResult():
            reasons = await own_reasons(site, link, membership_result)
            return JoinView(room_result, membership_result, _join_command(membership_result), reasons)
    return next(each for each in (room_result, membership_result) if isinstance(each, Refusal))


def _join_command(membership_result: MembershipResult) -> str | None:
    commands = (AcceptInvitation.routing_key, RequestToJoin.routing_key)
    return next((command for command in commands if command in membership_result.moves), None)


def _page(request: Request, link: Link, view: JoinView | Refusal, result: JoinResult) -> Response:
    if isinstance(view, Refusal):
        localizer, entered = localizer_of(request, link), result.entered
        return render(request, "room-gone", localizer, status=404, refusal=view, entered=entered)
    room, membership, site = view.room_result.room, view.membership_result.membership, site_of(request)
    command = view.command or result.retry_command
    form = command and site.forms.sign(command, person_id=link.person_id, room_id=room.room_id)
    choices = roles_to_choose(room, membership)
    has_field = _fields(room, choices) if form else frozenset()
    root = f"/rooms/{request.path_params['token']}" if "room_id" in request.path_params else None
    return render(
        request,
        "join",
        localizer_of(request, link, language=room.language, zone=room.time_zone or "UTC"),
        status=result.status,
        room_result=view.room_result,
        room=room,
        membership=membership,
        reasons=view.reasons,
        command=command,
        form=form,
        roles_to_choose=choices,
        root=root,
        membership_path=_membership_path(request, link),
        result=result,
        entered=[each for each in result.entered if each.name not in has_field],
    )


def _fields(room: Room, choices: int) -> frozenset[str]:
    """Return the fields of the form to join a room, with so many ``choices`` of a role."""
    answers, roles = (f"answer.{each.key}" for each in room.access.questions), range(1, choices + 1)
    own = {"message", *(["guidelines"] if room.guidelines else [])}
    return frozenset({*own, *answers, *(f"role.{number}" for number in roles)})


def _membership_path(request: Request, link: Link) -> str:
    """Return the path of the membership page: the parent of this page, or one that is signed now."""
    if "room_id" in request.path_params:
        return site_of(request).path_from(link, Purpose.WAY)
    return f"/{Purpose.WAY}/{request.path_params['token']}"


ROUTES = [
    Route(path, does, methods=[method])
    for path in ("/way/{token}/ask", "/rooms/{token}/room/{room_id:uuid}")
    for method, does in (("GET", show_join_form), ("POST", join))
]
