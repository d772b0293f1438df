"""Planning a session or a series: a form, then its dates, then the sessions."""

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_contracts.membership import GetRoster, Roster
from practio_contracts.rooms import Addressees, ScheduleSession
from practio_pages.entered_fields import entered_in
from practio_pages.forms import SignedCommand
from practio_pages.pages.addressee_counts import AddresseeCounts
from practio_pages.pages.desk import Desk, desk_closed, desk_link, desk_localizer, desk_of, desk_root, no_planning
from practio_pages.pages.desk_sessions_page import sessions_page
from practio_pages.pages.session_dates import WEEKDAYS, preview
from practio_pages.pages.session_forms import (
    SEEN,
    SessionFormFaults,
    SessionToSchedule,
    content_of,
    fingerprint_of,
    plan_of,
)
from practio_pages.rendering import render
from practio_pages.site import NOBODY, fields_of, signed_in, site_of

_FIELDS = (
    "date",
    "time",
    "minutes",
    "repeat",
    "weekday",
    "weeks",
    "until",
    "topic",
    "place",
    "meeting_url",
)


async def show_schedule_form(request: Request) -> Response:
    """Show the form."""
    link, _ = await desk_link(request)
    desk = await desk_of(site_of(request), link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk)
    if not desk.plans:
        return no_planning(request, link, desk)
    return _page(request, link, desk, content_of({}, _FIELDS))


async def schedule(request: Request) -> Response:
    """Show the dates that a form plans; plan them once they have been seen."""
    link, room_id = await desk_link(request)
    site, fields = site_of(request), await fields_of(request)
    signed = await signed_in(request, {ScheduleSession.routing_key}, person_id=link.person_id, room_id=room_id)
    desk = await desk_of(site, link)
    if isinstance(desk, Refusal):
        return desk_closed(request, link, desk, entered_in(fields))
    if not desk.plans:
        return no_planning(request, link, desk, entered_in(fields))
    form, zone = content_of(fields, _FIELDS), desk.room.time_zone or "UTC"
    plan = plan_of(form, room_id=room_id, session_id=NOBODY, zone=zone, now=datetime.now(UTC))
    if isinstance(plan, dict):
        return _page(request, link, desk, form, faults=plan)
    if signed is None or fields.get(SEEN) != fingerprint_of(plan.command):
        return await _preview(request, link, desk, form, plan)
    key = signed.id_with(fingerprint_of(plan.command))
    outcome = await site.gateway.send(_named(plan, signed), actor=link.person_id, id=key)
    if isinstance(outcome, Refusal):
        return await _preview(request, link, desk, form, plan, refusal=outcome)
    return await sessions_page(request, link, desk, done=signed.command)


def _named(plan: SessionToSchedule, signed: SignedCommand) -> ScheduleSession:
    """Return the command with the id of its first session, which follows from the form and its content."""
    named = signed.id_with(f"session {fingerprint_of(plan.command)}")
    return plan.command.model_copy(update={"session_id": named})


async def _preview(
    request: Request,
    link: Link,
    desk: Desk,
    form: Mapping[str, str],
    plan: SessionToSchedule,
    *,
    refusal: Refusal | None = None,
) -> Response:
    query = GetRoster(room_id=desk.room.room_id, limit=1)
    roster = await site_of(request).gateway.ask(query, Roster, actor=link.person_id)
    reached = AddresseeCounts.of(roster, desk.room, link.person_id).counts.get(Addressees.JOINED)
    return _page(request, link, desk, form, plan=plan, reached=reached, refusal=refusal)


def _page(
    request: Request,
    link: Link,
    desk: Desk,
    form: Mapping[str, str],
    *,
    faults: SessionFormFaults | None = None,
    plan: SessionToSchedule | None = None,
    reached: int | None = None,
    refusal: Refusal | None = None,
) -> Response:
    """Return the page of the form; with a ``plan``, what follows from it: how many other people are ``reached``."""
    room, site = desk.room, site_of(request)
    dates, has_more = preview(plan.starts_at, plan.repetition, room.time_zone or "UTC") if plan else ([], False)
    return render(
        request,
        "desk-schedule",
        desk_localizer(request, link, room),
        status=409 if refusal else 422 if faults else 200,
        desk=desk,
        room=room,
        root=desk_root(request),
        form=site.forms.sign(ScheduleSession.routing_key, person_id=link.person_id, room_id=room.room_id),
        content=form,
        faults=faults or {},
        weekdays=WEEKDAYS,
        plan=plan,
        reached=reached,
        seen=fingerprint_of(plan.command) if plan else "",
        dates=dates,
        has_more=has_more,
        refusal=refusal,
    )


ROUTES = [
    Route("/desk/{token}/sessions/plan", show_schedule_form, methods=["GET"]),
    Route("/desk/{token}/sessions/plan", schedule, methods=["POST"]),
]
