"""The page to which the code of a session leads: how somebody who is there says so.

The code is one for all, so its page acts for nobody. It reads the session with the eyes of the person who showed the
code, and sends a link by mail as the page for links does: nobody learns whether anybody has an address.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.notifications import SendLink
from practio_contracts.rooms import GetRoom, GetSession, Room, RoomResult, SessionResult
from practio_pages.pages.link_requests import TRAP, LinkRequestForm, send_link
from practio_pages.pages.session_phase import SessionPhase
from practio_pages.rendering import render
from practio_pages.site import NOBODY, fields_of, link_of, localizer_of, signed_in, site_of


@dataclass(frozen=True, slots=True)
class CheckInSession:
    """The session of a code, and its room."""

    room: Room
    times: SessionPhase


async def show_check_in(request: Request) -> Response:
    """Show how to say that one is there."""
    link, room_id = await _code_in(request)
    check_in = await _session_of_code(request, link)
    return _page(request, check_in, room_id, LinkRequestForm(""))


async def request_link(request: Request) -> Response:
    """Have a link sent, by which its owner says that they are there."""
    link, room_id = await _code_in(request)
    fields = await fields_of(request)
    signed = await signed_in(request, {SendLink.routing_key}, person_id=NOBODY, room_id=room_id)
    check_in = await _session_of_code(request, link)
    email = fields.get("email", "")
    if signed is None or not isinstance(check_in, CheckInSession) or not check_in.times.takes_check_ins:
        return _page(request, check_in, room_id, LinkRequestForm(email))
    language = localizer_of(request, language=check_in.room.language).language
    asked = await send_link(
        request,
        signed,
        email=email,
        trap=fields.get(TRAP, ""),
        room_id=None,
        language=language,
        session_id=link.session_id,
    )
    return asked.mark(_page(request, check_in, room_id, asked, is_sent=asked.is_sent))


async def _code_in(request: Request) -> tuple[Link, UUID]:
    """Return the link of a code and the id of its room; raise LinkError."""
    link = await link_of(request, Purpose.CHECK_IN)
    assert link.room_id is not None  # a signed link of this purpose names room and session
    return link, link.room_id


async def _session_of_code(request: Request, link: Link) -> CheckInSession | Refusal:
    assert link.room_id is not None
    assert link.session_id is not None
    gateway, person = site_of(request).gateway, link.person_id
    query = GetSession(room_id=link.room_id, session_id=link.session_id)
    room, result = await asyncio.gather(
        gateway.ask(GetRoom(room_id=link.room_id), RoomResult, actor=person),
        gateway.ask(query, SessionResult, actor=person),
    )
    if isinstance(room, Refusal):
        return room
    if isinstance(result, Refusal):
        return result
    return CheckInSession(room.room, SessionPhase(result.session, datetime.now(UTC)))


def _page(
    request: Request,
    check_in: CheckInSession | Refusal,
    room_id: UUID,
    asked: LinkRequestForm,
    *,
    is_sent: bool = False,
) -> Response:
    """Return the page of a code, in the language of the browser; times are those of the room."""
    site = site_of(request)
    if isinstance(check_in, Refusal):
        return render(request, "check-in-closed", localizer_of(request), status=404, entered=())
    room, times = check_in.room, check_in.times
    return render(
        request,
        "check-in",
        localizer_of(request, language=room.language, zone=room.time_zone or times.session.time_zone),
        status=asked.status if times.takes_check_ins else 409,
        room=room,
        session=times.session,
        times=times,
        email=asked.email,
        fault=not asked.is_address,
        minutes=asked.minutes,
        is_sent=is_sent,
        trap=TRAP,
        form=site.forms.sign(SendLink.routing_key, person_id=NOBODY, room_id=room_id),
    )


ROUTES = [
    Route("/check-in/{token}", show_check_in, methods=["GET"]),
    Route("/check-in/{token}", request_link, methods=["POST"]),
]
