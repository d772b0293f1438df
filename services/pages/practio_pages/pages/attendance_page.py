"""Recording who came to a session, by the offices of its room."""

from collections.abc import Sequence
from uuid import UUID

from starlette.datastructures import URL, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link
from practio_contracts.rooms import RecordAttendance
from practio_pages.entered_fields import EnteredField, entered_in
from practio_pages.ids import id_in
from practio_pages.pages.attendance_form import (
    CAME,
    SHOWN,
    Ticks,
    attendees,
    carried,
    kept_of,
    part_of,
    records_of,
    ticks_in,
)
from practio_pages.pages.page_buttons import page_buttons_at, turned_to
from practio_pages.pages.people_names import names_of
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
from practio_pages.site import Site, fields_of, signed_in, site_of

AFTER = "after"
"""The parameter of the address of a further page: the last person of the page before."""


async def show_attendance(request: Request) -> Response:
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
            return session_closed(request, link, view, entered_in(fields))
        url = turned_to(request.url, fields)
        if signed is None or url or not view.records:
            entered = [] if view.records else entered_in(fields)
            return await _page(request, link, view, filled, url=url, entered=entered)
        commands = records_of(filled, view.result, room_id=room_id, session_id=session_id)
        ids = [signed.id_with(f"{ticked}{number or ''}") for number in range(len(commands))]
        outcome = await _send(site, link, list(zip(commands, ids, strict=True)))
    if isinstance(outcome, Refusal):
        return await _page(request, link, view, filled, outcome)
    kept = kept_of(filled, view.result)
    part = part_of(view.result, _after(request.url))
    if part.later and not kept:
        url = request.url.include_query_params(**{AFTER: part.people[-1]})
        return await _page(request, link, view, url=url, is_next=True)
    return await session_page(request, link, done=signed.command, kept=kept)


async def _send(site: Site, link: Link, commands: Sequence[tuple[RecordAttendance, UUID]]) -> CommandAccepted | Refusal:
    """Send commands with their ids until one is refused; return the outcome of the last that was sent."""
    for command, id_ in commands:
        outcome = await site.gateway.send(command, actor=link.person_id, id=id_)
        if isinstance(outcome, Refusal):
            break
    return outcome


def _after(url: URL) -> UUID | None:
    """Return the last person of the page before the one at ``url``; raise HTTPException if it is no page's."""
    text = QueryParams(url.query).get(AFTER)
    after = id_in(text) if text else None
    if text and after is None:
        raise HTTPException(404)
    return after


async def _page(
    request: Request,
    link: Link,
    view: SessionView,
    filled: Ticks | None = None,
    refusal: Refusal | None = None,
    *,
    url: URL | None = None,
    is_next: bool = False,
    entered: Sequence[EnteredField] = (),
) -> Response:
    """Return the page of people at ``url``, else at the address of the request.

    It ``is_next`` once those on the page before are recorded.
    """
    site, room, url = site_of(request), view.room, url or request.url
    after = _after(url)
    part = part_of(view.result, after)
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
        carried=carried(filled, part.people) if filled else {},
        turns=page_buttons_at(url, AFTER, str(part.people[-1]) if part.later else None),
        is_next=is_next,
        after=after,
        names=await names_of(site, room.room_id, part.people, actor=link.person_id),
        came=CAME,
        shown=SHOWN,
        refusal=refusal,
        entered=entered,
        form=site.forms.sign(RecordAttendance.routing_key, person_id=link.person_id, room_id=room.room_id),
    )


ROUTES = [
    Route("/session/{token}/attendance", show_attendance, methods=["GET"]),
    Route("/session/{token}/attendance", record, methods=["POST"]),
]
