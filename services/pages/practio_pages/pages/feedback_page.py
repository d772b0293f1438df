"""Feedback on one session, by a person in the room: nameless, and once for each session."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetMembership, MembershipResult
from practio_contracts.rooms import GetRoom, GiveFeedback, RoomResult, Session
from practio_pages.entered_fields import entered_in
from practio_pages.pages.feedback_form import RATINGS, FeedbackClosed, content_of, feedback_of, joined_at, why_closed
from practio_pages.pages.feedback_sessions import session_of
from practio_pages.pages.field_faults import FieldFaults
from practio_pages.rendering import render
from practio_pages.site import Site, fields_of, link_of, localizer_of, signed_in, site_of


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """A room and one of its sessions, if the person sees it; ``closed``: why they cannot give feedback on it."""

    room_result: RoomResult
    session: Session | None
    closed: FeedbackClosed | None


async def show_feedback_form(request: Request) -> Response:
    """Show the session, how answers are shown, and the form."""
    link, _, session_id = await _link_to_session(request)
    view = await _load_view(site_of(request), link, session_id)
    return _page(request, link, view, content_of({}))


async def give(request: Request) -> Response:
    """Send the feedback of a form, and show what happens with it."""
    link, room_id, session_id = await _link_to_session(request)
    site, form = site_of(request), content_of(await fields_of(request))
    signed = await signed_in(request, {GiveFeedback.routing_key}, person_id=link.person_id, room_id=room_id)
    view = await _load_view(site, link, session_id)
    if isinstance(view, Refusal) or view.closed:
        return _page(request, link, view, form)
    command = feedback_of(form, room_id=room_id, session_id=session_id)
    if isinstance(command, dict):
        return _page(request, link, view, form, faults=command)
    if signed is None:
        return _page(request, link, view, form)
    outcome = await site.gateway.send(command, actor=link.person_id, id=signed.id_with(command.model_dump_json()))
    if isinstance(outcome, Refusal):
        return _page(request, link, view, form, refusal=outcome)
    return _page(request, link, view, form, done=True)


async def _link_to_session(request: Request) -> tuple[Link, UUID, UUID]:
    """Return the link to a session's form, and the ids of room and session; raise LinkError."""
    link = await link_of(request, Purpose.FEEDBACK)
    assert link.room_id is not None  # a signed link of this purpose names both
    assert link.session_id is not None
    return link, link.room_id, link.session_id


async def _load_view(site: Site, link: Link, session_id: UUID) -> FeedbackView | Refusal:
    assert link.room_id is not None
    person, room_id = link.person_id, link.room_id
    room_result, membership_result = await asyncio.gather(
        site.gateway.ask(GetRoom(room_id=room_id), RoomResult, actor=person),
        site.gateway.ask(GetMembership(room_id=room_id, person_id=person), MembershipResult, actor=person),
    )
    for each in (room_result, membership_result):
        if isinstance(each, Refusal):
            return each
    assert isinstance(room_result, RoomResult)
    assert isinstance(membership_result, MembershipResult)
    joined = joined_at(membership_result.membership)
    session = await session_of(site, link, room_result, session_id) if joined else None
    return FeedbackView(room_result, session, why_closed(session, joined=joined, now=datetime.now(UTC)))


_CLOSED_STATUS = {FeedbackClosed.NOT_IN_ROOM: 403, FeedbackClosed.UNKNOWN: 404}


def _page(
    request: Request,
    link: Link,
    view: FeedbackView | Refusal,
    form: Mapping[str, str],
    *,
    faults: FieldFaults | None = None,
    refusal: Refusal | None = None,
    done: bool = False,
) -> Response:
    """Return the page of a session's feedback; what was typed is in the form, or below it if there is none."""
    site, entered = site_of(request), entered_in(form)
    if isinstance(view, Refusal):
        return render(request, "room-gone", localizer_of(request, link), status=404, refusal=view, entered=entered)
    room = view.room_result.room
    is_open = not (view.closed or refusal or done)
    status = _CLOSED_STATUS.get(view.closed, 409) if view.closed else 200
    return render(
        request,
        "feedback",
        localizer_of(request, link, language=room.language, zone=room.time_zone or "UTC"),
        status=422 if faults else 409 if refusal else status,
        room=room,
        session=view.session,
        closed=view.closed,
        content=form,
        ratings=RATINGS,
        faults=faults or {},
        refusal=refusal,
        done=done,
        form=_form(site, link) if is_open else None,
        entered=[] if is_open or done else entered,
        way=site.path_from(link, Purpose.WAY),
    )


def _form(site: Site, link: Link) -> str:
    return site.forms.sign(GiveFeedback.routing_key, person_id=link.person_id, room_id=link.room_id)


ROUTES = [
    Route("/feedback/{token}", show_feedback_form, methods=["GET"]),
    Route("/feedback/{token}", give, methods=["POST"]),
]
