"""A person's membership in one room: the room, their status, the available commands, and the history."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
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
    Reason,
    RequestToJoin,
    Status,
    Withdraw,
)
from practio_contracts.message import Command
from practio_contracts.rooms import GetRoom, Room, RoomResult, RoomStatus
from practio_pages.entered_fields import entered_in
from practio_pages.forms import SignedCommand
from practio_pages.pages.feedback_form import joined_at
from practio_pages.pages.history_days import history_days
from practio_pages.pages.join_form import needs_form
from practio_pages.pages.own_reasons import is_stuck, own_reasons
from practio_pages.pages.people_names import names_of
from practio_pages.pages.sidebar import HAND_OVER_COMMANDS, Sidebar, sidebar_of
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, link_of, localizer_of, path_to_introduce, signed_in, site_of

_BUTTON_COMMANDS: Mapping[str, type[Command]] = {
    command.routing_key: command
    for command in (AcceptOffer, DeclineOffer, AcceptInvitation, DeclineInvitation, Withdraw)
}
_COMMANDS = {**_BUTTON_COMMANDS, **HAND_OVER_COMMANDS}
_TEXTS: Mapping[str, str] = {Withdraw.routing_key: "reason", DeclineInvitation.routing_key: "message"}
"""The commands with which a person may say why, each with its field."""


@dataclass(frozen=True, slots=True)
class MembershipFormOutcome:
    """What came of a form: the ``command`` with its outcome, or the text in which a person says why, with its fault."""

    outcome: CommandAccepted | Refusal | None = None
    command: str | None = None
    text: str = ""
    fault: str | None = None

    @property
    def refusal(self) -> Refusal | None:
        """Return the refusal, if the command was refused."""
        return self.outcome if isinstance(self.outcome, Refusal) else None

    @property
    def accepted(self) -> CommandAccepted | None:
        """Return the acceptance, if the command was accepted."""
        return self.outcome if isinstance(self.outcome, CommandAccepted) else None

    @property
    def status(self) -> int:
        """Return the HTTP status of the page."""
        return 409 if self.refusal else 422 if self.fault else 200


@dataclass(frozen=True, slots=True)
class MembershipView:
    """The content of the page; ``forms`` are signed forms by the command of their button.

    ``ask`` is the command that has a page of its own, since it needs more than a button.
    """

    room_result: RoomResult
    membership_result: MembershipResult
    changes: Sequence[Change]
    forms: dict[str, str]
    ask: str | None
    sidebar: Sidebar
    certificate: str | None = None
    names: Mapping[UUID, str] = field(default_factory=dict)
    reasons: Sequence[Reason] = ()

    @property
    def cannot_accept(self) -> bool:
        """Return whether the person is invited and has no place to accept now."""
        found = self.membership_result
        is_invited = found.membership is not None and found.membership.status is Status.INVITED
        return is_invited and is_stuck(found)

    @property
    def is_served(self) -> bool:
        """Return whether a seat that becomes free goes to the person in their turn."""
        return not {"set-aside", "waitlist-off"}.intersection(each.code for each in self.reasons)

    @property
    def reports(self) -> bool:
        """Return whether the person can report a concern: in the room, on its waitlist or in an office."""
        membership = self.membership_result.membership
        waits = membership is not None and membership.status in (Status.OFFERED, Status.WAITLISTED)
        return waits or self.reads_notes

    @property
    def reads_notes(self) -> bool:
        """Return whether the person is in the room or an office, or was in it when it ended."""
        membership = self.membership_result.membership
        status = membership.status if membership else None
        was_in = [each.from_status for each in self.changes if each.to_status is Status.ENDED][-1:] == [Status.JOINED]
        is_in = status is Status.JOINED or (status is Status.ENDED and was_in)
        return is_in or self.sidebar.office is not None


async def show_membership(request: Request) -> Response:
    """Show a person's status; opening the page changes nothing."""
    link = await link_of(request, Purpose.WAY)
    return await _page(request, link, MembershipFormOutcome())


async def send_command(request: Request) -> Response:
    """Send the command of a button and show its outcome."""
    link = await link_of(request, Purpose.WAY)
    fields = await fields_of(request)
    signed = await signed_in(request, _COMMANDS, person_id=link.person_id, room_id=link.room_id)
    text = "\n".join(fields[name] for name in sorted({*_TEXTS.values()}) if fields.get(name, "").strip())
    if signed is None:
        return await _page(request, link, MembershipFormOutcome(text=text))
    command = _command(signed, text)
    if command is None:
        return await _page(
            request, link, MembershipFormOutcome(text=text, fault="too-long" if len(text) > _LONGEST else "unreadable")
        )
    key = signed.id_with(text) if text else signed.id
    outcome = await site_of(request).gateway.send(command, actor=link.person_id, id=key)
    return await _page(
        request, link, MembershipFormOutcome(outcome, signed.command, text if isinstance(outcome, Refusal) else "")
    )


_LONGEST = 10_000


def _command(signed: SignedCommand, text: str) -> Command | None:
    """Return the command of a button; None if the text cannot be sent."""
    reason = {_TEXTS[signed.command]: text or None} if signed.command in _TEXTS else {}
    try:
        return _COMMANDS[signed.command].model_validate(
            {"room_id": signed.room_id, "person_id": signed.person_id} | reason
        )
    except ValidationError:
        return None


async def _page(request: Request, link: Link, filled: MembershipFormOutcome) -> Response:
    entered = entered_in({"reason": filled.text})
    view = await _load_view(site_of(request), link)
    if isinstance(view, Room):
        return RedirectResponse(site_of(request).base + site_of(request).path_from(link, Purpose.DESK), 303)
    if isinstance(view, Refusal):
        return render(request, "room-gone", localizer_of(request, link), status=404, refusal=view, entered=entered)
    room = view.room_result.room
    localizer = localizer_of(request, link, language=room.language, zone=room.time_zone or "UTC")
    return render(
        request,
        "membership",
        localizer,
        status=filled.status,
        view=view,
        path=request.url.path,
        room=room,
        introduce=path_to_introduce(request, link),
        days=history_days(view.changes, person_id=link.person_id, host_id=room.host_id, zone=localizer.zone),
        hand_over=HAND_OVER_COMMANDS,
        command=filled.command,
        refusal=filled.refusal,
        accepted=filled.accepted,
        filled=filled,
        texts=_TEXTS,
        entered=() if _TEXTS.keys() & view.forms.keys() else entered,
    )


async def _load_view(site: Site, link: Link) -> MembershipView | Room | Refusal:
    """Return the content of the page; the room itself if it is a draft, which only its host sees and nobody is in."""
    assert link.room_id is not None  # a signed link of this purpose names the room
    person, room = link.person_id, link.room_id
    room_result, membership_result, history = await asyncio.gather(
        site.gateway.ask(GetRoom(room_id=room), RoomResult, actor=person),
        site.gateway.ask(GetMembership(room_id=room, person_id=person), MembershipResult, actor=person),
        site.gateway.ask(GetHistory(room_id=room, person_id=person), History, actor=person),
    )
    match room_result, membership_result, history:
        case RoomResult(), MembershipResult(), History():
            ask = _ask(room_result.room, membership_result)
            forms = _forms(site, _buttons(membership_result, ask), person, room)
            joined = joined_at(membership_result.membership)
            sidebar, reasons = await asyncio.gather(
                sidebar_of(site, link, room_result, joined=joined), own_reasons(site, link, membership_result)
            )
            was_inside = joined is not None or any(each.to_status is Status.JOINED for each in history.changes)
            certificate = site.certificate_of(link) if was_inside or sidebar.office else None
            buddies = [each for each in (membership_result.buddy_id, *membership_result.buddy_of) if each]
            names = await names_of(site, room, buddies, actor=person)
            return MembershipView(
                room_result, membership_result, history.changes, forms, ask, sidebar, certificate, names, reasons
            )
    if isinstance(room_result, RoomResult) and room_result.room.status is RoomStatus.DRAFT:
        return room_result.room
    return next(each for each in (room_result, membership_result, history) if isinstance(each, Refusal))


def _ask(room: Room, membership_result: MembershipResult) -> str | None:
    if RequestToJoin.routing_key in membership_result.moves:
        return RequestToJoin.routing_key
    accepts = AcceptInvitation.routing_key in membership_result.moves
    return AcceptInvitation.routing_key if accepts and needs_form(room, membership_result.membership) else None


def _buttons(result: MembershipResult, ask: str | None) -> list[str]:
    """Return the commands that a button sends; declining an invitation or an offer replaces the button to withdraw."""
    declines = result.membership is not None and result.membership.status in (
        Status.INVITED,
        Status.OFFERED,
    )
    left_out = {ask, Withdraw.routing_key if declines else None}
    return [command for command in result.moves if command not in left_out]


def _forms(site: Site, moves: Sequence[str], person: UUID, room: UUID) -> dict[str, str]:
    open_here = [command for command in moves if command in _BUTTON_COMMANDS]
    return {command: site.forms.sign(command, person_id=person, room_id=room) for command in open_here}


ROUTES = [
    Route("/way/{token}", show_membership, methods=["GET"]),
    Route("/way/{token}", send_command, methods=["POST"]),
]
