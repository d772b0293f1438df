"""Recording who came to a session, by the offices of its room."""

from collections.abc import Sequence
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_contracts.rooms import RecordAttendance
from practio_pages.pages.attendance_form import CAME, SHOWN, Ticks, attendees, kept_of, part_of, record_of, ticks_in
from practio_pages.pages.names import names_of
from practio_pages.pages.session_page import session_page
from practio_pages.pages.session_view import (
    SessionView,
    session_closed,
    session_link,
    session_localizer,
    session_root,
    session_view,
)
from practio_pages.rendering import render
from practio_pages.site import fields_of, signed_in, site_of
from practio_pages.written import Written, written_in

AFTER = "after"
"""The parameter of the address of a further page: the last person of the page before."""


async def look(request: Request) -> Response:
    """Show who said that they come, ticked."""
    link, _, _ = await session_link(request)
    view = await session_view(site_of(request), link)
    return session_closed(request, link, view) if isinstance(view, Refusal) else await _page(request, link, view)


async def record(request: Request) -> Response:
    """Record who came, and show the session."""
    link, room_id, session_id = await session_link(request)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {RecordAttendance.routing_key}, person_id=link.person_id, room_id=room_id)
    filled = ticks_in(fields)
    ticked = ",".join(f"{person}={came}" for person, came in sorted(filled.ticked.items()))
    async with site.gateway.lock_for(room_id):
        view = await session_view(site, link)
        if isinstance(view, Refusal):
            return session_closed(request, link, view, written_in(fields))
        if signed is None or not view.records:
            return await _page(request, link, view, filled, written=[] if view.records else written_in(fields))
        command = record_of(filled, view.result, room_id=room_id, session_id=session_id)
        outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(ticked))
    if isinstance(outcome, Refusal):
        return await _page(request, link, view, filled, outcome)
    kept = kept_of(filled, view.result)
    part = part_of(view.result, _after(request))
    if part.later and not kept:
        return await _page(request, link, view, after=part.people[-1])
    return await session_page(request, link, done=signed.command, kept=kept)


def _after(request: Request) -> UUID | None:
    """Return the last person of the page before the requested one; raise HTTPException if the address is no page's."""
    text = request.query_params.get(AFTER)
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise HTTPException(404) from error


async def _page(
    request: Request,
    link: Link,
    view: SessionView,
    filled: Ticks | None = None,
    refusal: Refusal | None = None,
    *,
    after: UUID | None = None,
    written: Sequence[Written] = (),
) -> Response:
    """Return a page of people; with ``after``, the next one, once those before are recorded."""
    site, room = site_of(request), view.room
    part = part_of(view.result, after or _after(request))
    return render(
        request,
        "session-attendance",
        session_localizer(request, link, room),
        status=403 if view.office is None else 409 if refusal or not view.records else 200,
        view=view,
        room=room,
        session=view.session,
        root=session_root(request),
        attendees=attendees(view.result, part.people, filled) if view.records else (),
        part=part,
        is_next=after is not None,
        after=after or _after(request),
        names=await names_of(site, room.room_id, part.people, actor=link.person_id),
        came=CAME,
        shown=SHOWN,
        refusal=refusal,
        written=written,
        form=site.forms.sign(RecordAttendance.routing_key, person_id=link.person_id, room_id=room.room_id),
    )


ROUTES = [
    Route("/session/{token}/attendance", look, methods=["GET"]),
    Route("/session/{token}/attendance", record, methods=["POST"]),
]
