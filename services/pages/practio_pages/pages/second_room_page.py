"""A second room for those who wait: a copy of the room, then the people who wait are invited to it, in their order."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.fields import tidy
from practio_contracts.links import Link
from practio_contracts.membership import GetRoster, InviteFrom, Outcomes, Roster, Status
from practio_contracts.rooms import GetRoom, RelatedRoom, RoomResult, RoomStatus
from practio_pages.entered_fields import entered_in
from practio_pages.pages.copy_page import draft_path, may_copy
from practio_pages.pages.desk import Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.pages.roster_parts import free_in
from practio_pages.pages.whole_roster import whole_roster
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, signed_in, site_of

MOST = 100
"""The most people that are invited with one press."""

LONGEST = 2_000
"""The most characters of the message."""

PAST = (Status.DECLINED, Status.WITHDRAWN, Status.LAPSED, Status.REMOVED)
"""The statuses of people who said no in the second room, did not answer, or were turned down there."""


@dataclass(frozen=True, slots=True)
class SecondRoomForm:
    """A form as it was filled in, with its fault, or what came of it: how many were ``invited``, and were not."""

    count: str = ""
    message: str = ""
    fault: str | None = None
    refusal: Refusal | None = None
    invited: int | None = None
    left_out: int = 0

    @property
    def status(self) -> int:
        """Return the HTTP status of its page."""
        return 422 if self.fault else 409 if self.refusal or self.invited == 0 else 200


@dataclass(frozen=True, slots=True)
class SecondRoom:
    """The second room, and how it stands: ``free`` seats, and how many are ``invited`` without an answer.

    ``roster`` is a refusal for a person without an office in it. ``waiting`` are the people who wait in the first room
    and have no office or membership in the second one, nor had one, in order, as many as are invited with one press.
    ``is_whole``: everybody who waits was looked at.
    """

    room: RelatedRoom
    roster: Roster | Refusal
    waiting: Sequence[UUID] = ()
    is_whole: bool = True

    @property
    def is_closed(self) -> bool:
        """Return whether the person has no office in the second room, or it is gone."""
        return isinstance(self.roster, Refusal)

    @property
    def invited(self) -> int:
        """Return how many have not answered their invitation."""
        return self.roster.counts.get(Status.INVITED, 0) if isinstance(self.roster, Roster) else 0

    @property
    def free(self) -> int:
        """Return how many seats somebody can still take."""
        return free_in(self.roster) if isinstance(self.roster, Roster) else 0

    @property
    def proposed(self) -> int:
        """Return how many people to invite: as many as there are seats for, if all who are invited come."""
        return max(1, min(len(self.waiting), self.free - self.invited))


@dataclass(frozen=True, slots=True)
class SecondRoomOptions:
    """How many wait; the copies of the room: drafts with their paths, and the second room that they are invited to."""

    waiting: int
    drafts: Sequence[tuple[RelatedRoom, str]]
    others: Sequence[RelatedRoom] = field(default=())
    second: SecondRoom | None = None


async def show_second_room(request: Request) -> Response:
    """Show the way to a second room, and what follows from the next step."""
    link, _ = await desk_link(request)
    return await _page(request, link, SecondRoomForm())


async def invite_waiting(request: Request) -> Response:
    """Invite the first people on the waitlist that the form has shown."""
    link, room_id = await desk_link(request)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {InviteFrom.routing_key}, person_id=link.person_id, room_id=room_id)
    count, message = fields.get("count", "").strip(), tidy(fields.get("message", ""))
    command = _command(fields.get("room", ""), fields.get("waiting", ""), count, message, from_room_id=room_id)
    if isinstance(command, str):
        return await _page(request, link, SecondRoomForm(count, message, fault=command))
    if signed is None:
        return await _page(request, link, SecondRoomForm(count, message))
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    if isinstance(outcome, Refusal):
        return await _page(request, link, SecondRoomForm(count, message, refusal=outcome))
    outcomes = Outcomes.model_validate(outcome.state).outcomes
    invited = len([each for each in outcomes if each.accepted])
    return await _page(request, link, SecondRoomForm(invited=invited, left_out=len(outcomes) - invited))


def _command(room: str, waiting: str, count: str, message: str, *, from_room_id: UUID) -> InviteFrom | str:
    """Return the command of a form, or its fault."""
    if not (count.isascii() and count.isdigit() and len(count) < 4 and int(count)):
        return "count"
    if len(message) > LONGEST:
        return "too-long"
    people = waiting.split()[: int(count)]
    try:
        return InviteFrom.model_validate(
            {"room_id": room, "from_room_id": from_room_id, "person_ids": people, "message": message or None}
        )
    except ValidationError:
        return "unreadable"


async def _page(request: Request, link: Link, filled: SecondRoomForm) -> Response:
    site, room_id = site_of(request), link.room_id
    assert room_id is not None
    desk, numbers = await asyncio.gather(
        desk_of(site, link), site.gateway.ask(GetRoster(room_id=room_id, limit=1), Roster, actor=link.person_id)
    )
    entered = entered_in({"count": filled.count, "message": filled.message})
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk, entered)
    plan = await _plan(site, link, desk, numbers, wanted=request.query_params.get("room", ""))
    return render(
        request,
        "desk-second-room",
        desk_localizer(request, link, desk.room),
        status=filled.status if desk.grows else 403,
        desk=desk,
        room=desk.room,
        root=desk_root(request),
        filled=filled,
        plan=plan,
        most=MOST,
        longest=LONGEST,
        may_copy=may_copy(site, desk),
        entered=entered,
        form=site.forms.sign(InviteFrom.routing_key, person_id=link.person_id, room_id=room_id),
    )


async def _plan(site: Site, link: Link, desk: Desk, numbers: Roster | Refusal, *, wanted: str) -> SecondRoomOptions:
    copies = desk.room_result.copies
    drafts = [(each, draft_path(site, link, each.room_id)) for each in copies if each.status is RoomStatus.DRAFT]
    open_rooms = [each for each in copies if each.status is RoomStatus.PUBLISHED]
    chosen = next((each for each in open_rooms if str(each.room_id) == wanted), next(iter(open_rooms), None))
    waiting = numbers.counts.get(Status.WAITLISTED, 0) if isinstance(numbers, Roster) else 0
    if chosen is None or not desk.grows:
        return SecondRoomOptions(waiting, drafts, open_rooms)
    waitlist = await whole_roster(site, desk.room.room_id, Status.WAITLISTED, actor=link.person_id)
    if isinstance(waitlist, Refusal):
        return SecondRoomOptions(waiting, drafts, open_rooms)
    others = [each for each in open_rooms if each is not chosen]
    return SecondRoomOptions(waiting, drafts, others, await _second(site, chosen, waitlist, actor=link.person_id))


async def _second(site: Site, chosen: RelatedRoom, waitlist: Roster, *, actor: UUID) -> SecondRoom:
    """Return how the second room stands, and who of those who wait can be invited to it."""
    shown, there, past = await asyncio.gather(
        site.gateway.ask(GetRoom(room_id=chosen.room_id), RoomResult, actor=actor),
        whole_roster(site, chosen.room_id, actor=actor),
        asyncio.gather(*(whole_roster(site, chosen.room_id, status, actor=actor) for status in PAST)),
    )
    rosters = [each for each in (there, *past) if isinstance(each, Roster)]
    if isinstance(shown, Refusal) or isinstance(there, Refusal) or len(rosters) <= len(PAST):
        refusal = next(each for each in (there, shown, *past) if isinstance(each, Refusal))
        return SecondRoom(chosen, refusal)
    known = {*shown.room.office_ids} | {entry.membership.person_id for each in rosters for entry in each.entries}
    found = [each.membership.person_id for each in waitlist.entries if each.membership.status is Status.WAITLISTED]
    return SecondRoom(chosen, there, [each for each in found if each not in known][:MOST], waitlist.after is None)


ROUTES = [
    Route("/desk/{token}/second-room", show_second_room, methods=["GET"]),
    Route("/desk/{token}/second-room", invite_waiting, methods=["POST"]),
]
