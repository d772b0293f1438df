"""Inviting people to a room: by addresses, pasted one a line, or by name if they were there before; each outcome."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, NextStep, Refusal
from practio_contracts.links import Link
from practio_contracts.membership import Invite, Status
from practio_contracts.message import Command
from practio_contracts.notifications import Introduced, RefusalCode
from practio_contracts.rooms import Room, RoomStatus
from practio_pages.entered_fields import entered_in
from practio_pages.forms import SignedCommand
from practio_pages.pages.desk import Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.pages.former_people import FormerPeople, former_people
from practio_pages.pages.invited_lines import (
    CHOSEN,
    MOST,
    InvitedLine,
    InvitedLineOutcome,
    InvitedLineResult,
    chosen_in,
    lines_of,
    remaining,
)
from practio_pages.pages.page_buttons import turned_to
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, signed_in, site_of

_FIELDS = ("addresses", "message", "role", "last_day", "over_capacity")
_OVER = 2
_TOO_MANY = Refusal(
    code=RefusalCode.TOO_MANY,
    detail="too many invitations have come from this network: wait until retry_after",
    next_step=NextStep.RETRY_AFTER,
)


class InvitationFault(StrEnum):
    """A fault of one field."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    CHOOSE = "choose"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class InvitationForm:
    """A form as it was filled in, with its faults, or the outcomes of its lines."""

    content: Mapping[str, str]
    faults: Mapping[str, InvitationFault] = field(default_factory=dict)
    chosen: Sequence[UUID] = ()
    outcomes: Sequence[InvitedLineOutcome] = ()

    @property
    def status(self) -> int:
        """Return the HTTP status of the page: 409 if something came of no line, 422 if no line is an address."""
        if self.faults or (self.outcomes and all(each.result is InvitedLineResult.BROKEN for each in self.outcomes)):
            return 422
        return 409 if self.outcomes and not any(each.is_done for each in self.outcomes) else 200


async def show_invitation_form(request: Request) -> Response:
    """Show the form."""
    link, _ = await desk_link(request)
    site, asked = site_of(request), chosen_in({CHOSEN + request.query_params.get("person", ""): "yes"})
    desk, former = await asyncio.gather(desk_of(site, link), former_people(site, link, request.url, asked))
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk)
    return await _page(request, link, desk, InvitationForm(dict.fromkeys(_FIELDS, ""), chosen=asked), former)


async def invite_people(request: Request) -> Response:
    """Invite the people, and show what came of each line; what failed is in the form again."""
    link, room_id = await desk_link(request)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {Invite.routing_key}, person_id=link.person_id, room_id=room_id)
    desk = await desk_of(site, link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk, entered_in(fields))
    content, chosen = {name: fields.get(name, "") for name in _FIELDS}, chosen_in(fields)
    if url := turned_to(request.url, fields):
        former = await former_people(site, link, url, chosen)
        return await _page(request, link, desk, InvitationForm(content, chosen=chosen), former, url)
    invitation = _invitation(content, desk)
    lines = [*(InvitedLine("", None, each) for each in chosen), *lines_of(content["addresses"], room_id=room_id)]
    if not lines:
        return await _page(request, link, desk, InvitationForm(content, {"addresses": InvitationFault.MISSING}))
    if isinstance(invitation, dict):
        return await _page(request, link, desk, InvitationForm(content, invitation, chosen))
    if signed is None or not _is_open(desk):
        return await _page(request, link, desk, InvitationForm(content, chosen=chosen))
    client = request.client.host if request.client else ""
    outcomes = await _Inviting(site, link, signed, invitation, client).all_of(lines)
    left = [each.line.person_id for each in outcomes if each.line.person_id and not each.is_done]
    content |= {"addresses": remaining(outcomes)}
    return await _page(request, link, desk, InvitationForm(content, chosen=left, outcomes=outcomes))


def _is_open(desk: Desk) -> bool:
    return desk.room.status is RoomStatus.PUBLISHED


def _invitation(content: Mapping[str, str], desk: Desk) -> Invite | dict[str, InvitationFault]:
    """Return the invitation that everybody gets, to the reader for now, or the faults of its fields."""
    role = content["role"]
    if role and role not in {each.name for each in desk.room.roles}:
        return {"role": InvitationFault.CHOOSE}
    expires_at = _end_of(content["last_day"], desk.room)
    if content["last_day"] and (expires_at is None or expires_at <= datetime.now(UTC)):
        return {"last_day": InvitationFault.DAY}
    try:
        return Invite(
            room_id=desk.room.room_id,
            person_id=desk.room.host_id,
            role=role or None,
            message=content["message"].strip() or None,
            over_capacity=bool(content["over_capacity"]),
            expires_at=expires_at,
        )
    except ValidationError:
        return {"message": InvitationFault.UNREADABLE}


def _end_of(day: str, room: Room) -> datetime | None:
    """Return when a day is over where the room is; None if it is no day."""
    try:
        last = datetime.combine(date.fromisoformat(day), time.max, ZoneInfo(room.time_zone or "UTC"))
        return last.replace(microsecond=0).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class _Inviting:
    """A form that was sent: the invitation that everybody gets, and from where it came."""

    site: Site
    link: Link
    signed: SignedCommand
    invitation: Invite
    client: str

    async def all_of(self, lines: Sequence[InvitedLine]) -> list[InvitedLineOutcome]:
        """Return what came of each line; once there are too many introductions, the rest is left.

        A single one may be an address that many have invited; the second in a row is about the reader, or everybody.
        """
        outcomes: list[InvitedLineOutcome] = []
        for line in lines[:MOST]:
            is_over = len(outcomes) >= _OVER and all(_is_too_many(each.refusal) for each in outcomes[-_OVER:])
            if is_over:
                break
            outcomes.append(await self._one(line))
        return [*outcomes, *(InvitedLineOutcome(line, InvitedLineResult.LEFT) for line in lines[len(outcomes) :])]

    async def _one(self, line: InvitedLine) -> InvitedLineOutcome:
        person_id = line.person_id or await self._introduced(line)
        if not isinstance(person_id, UUID):
            return InvitedLineOutcome(
                line, InvitedLineResult.REFUSED if person_id else InvitedLineResult.BROKEN, person_id
            )
        outcome = await self._sent(self.invitation.model_copy(update={"person_id": person_id}))
        if isinstance(outcome, Refusal):
            return InvitedLineOutcome(line, InvitedLineResult.REFUSED, outcome)
        return InvitedLineOutcome(line, _of(outcome))

    async def _introduced(self, line: InvitedLine) -> UUID | Refusal | None:
        """Return the id of the person with the address of a line; None if it contains no address."""
        if line.introduction is None:
            return None
        if again_at := self.site.meter.count_invited(client=self.client):
            return replace(_TOO_MANY, retry_after=again_at)
        introduced = await self._sent(line.introduction)
        return introduced if isinstance(introduced, Refusal) else Introduced.model_validate(introduced.state).person_id

    async def _sent(self, command: Command) -> CommandAccepted | Refusal:
        key = self.signed.id_with(command.model_dump_json())
        return await self.site.gateway.send(command, actor=self.link.person_id, id=key)


def _is_too_many(refusal: Refusal | None) -> bool:
    return refusal is not None and refusal.code == RefusalCode.TOO_MANY


def _of(outcome: CommandAccepted) -> InvitedLineResult:
    if not outcome.changed:
        return InvitedLineResult.UNCHANGED
    return InvitedLineResult.INVITED if outcome.state.get("status") == Status.INVITED else InvitedLineResult.APPROVED


async def _page(
    request: Request,
    link: Link,
    desk: Desk,
    filled: InvitationForm,
    former: FormerPeople | None = None,
    url: URL | None = None,
) -> Response:
    """Return the page at ``url``, else at the address of the request; ``former`` are the people whom it lists."""
    site, room, url = site_of(request), desk.room, url or request.url
    is_open = _is_open(desk)
    invited = [each.line.person_id for each in filled.outcomes if each.line.person_id]
    if not is_open:
        former = FormerPeople()
    elif former is None:
        former = await former_people(site, link, url, [*filled.chosen, *invited])
    return render(
        request,
        "desk-invite",
        desk_localizer(request, link, room),
        status=filled.status if is_open else 409,
        desk=desk,
        room=room,
        root=desk_root(request),
        is_open=is_open,
        introduces=site.introduces,
        filled=filled,
        former=former,
        action=f"{site.base}{url.path}?{url.query}",
        names=former.names,
        content=filled.content,
        faults=filled.faults,
        form=site.forms.sign(Invite.routing_key, person_id=link.person_id, room_id=room.room_id),
        entered=[] if is_open else entered_in(filled.content),
    )


ROUTES = [
    Route("/desk/{token}/people/invite", show_invitation_form, methods=["GET"]),
    Route("/desk/{token}/people/invite", invite_people, methods=["POST"]),
]
