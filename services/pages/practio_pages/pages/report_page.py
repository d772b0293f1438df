"""A room in figures on its desk: its report, the feedback on its sessions, and both as files."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_contracts.rooms import FeedbackResult, ReportResult
from practio_pages.pages.desk import desk_closed, desk_link, desk_localizer, desk_of, desk_root
from practio_pages.pages.past_sessions import held_sessions
from practio_pages.pages.report_figures import (
    GRADES,
    HEIGHT,
    WIDTH,
    RoomReportRequest,
    bars,
    feedback_csv,
    first_day,
    months_csv,
    room_report_request,
)
from practio_pages.rendering import render
from practio_pages.site import Site, site_of

_SESSIONS = 50
"""The most sessions of which one is chosen."""


async def show_report(request: Request) -> Response:
    """Show the report of a period, and the feedback."""
    link, room_id = await desk_link(request)
    site, asked = site_of(request), room_report_request(request.query_params, room_id)
    desk, report, feedback, sessions = await asyncio.gather(
        desk_of(site, link),
        site.gateway.ask(asked.query, ReportResult, actor=link.person_id),
        _feedback(site, link, asked),
        held_sessions(site, link, room_id, most=_SESSIONS, first=_SESSIONS),
    )
    for each in (desk, report, feedback):
        if isinstance(each, Refusal):
            return desk_closed(request, link, each)
    assert not isinstance(desk, Refusal)
    assert isinstance(report, ReportResult)
    assert isinstance(feedback, FeedbackResult)
    localizer = desk_localizer(request, link, desk.room)
    return render(
        request,
        "desk-report",
        localizer,
        status=422 if asked.faults else 200,
        desk=desk,
        room=desk.room,
        root=desk_root(request),
        parameters=asked.parameters,
        without_session={name: text for name, text in asked.parameters.items() if name != "session"},
        faults=asked.faults,
        report=report,
        feedback=feedback,
        numbers=feedback if asked.feedback.session_id else report.feedback,
        only=asked.parameters.get("session"),
        sessions={str(each.session_id): each for each in sessions},
        grades=GRADES,
        months=[(localizer.month(first_day(each)), each) for each in report.months],
        plots={"seats": bars(report.months, ("seats_used",)), "people": bars(report.months, ("came", "left"))},
        size=(WIDTH, HEIGHT),
    )


async def download(request: Request) -> Response:
    """Return the months of the report as a file for a spreadsheet."""
    link, room_id = await desk_link(request)
    asked = room_report_request(request.query_params, room_id)
    report = await site_of(request).gateway.ask(asked.query, ReportResult, actor=link.person_id)
    if isinstance(report, Refusal):
        return desk_closed(request, link, report)
    return _file("report.csv", months_csv(report.months))


async def download_feedback(request: Request) -> Response:
    """Return the feedback that the page shows as a file for a spreadsheet."""
    link, room_id = await desk_link(request)
    site, asked = site_of(request), room_report_request(request.query_params, room_id)
    report, feedback, sessions = await asyncio.gather(
        site.gateway.ask(asked.query, ReportResult, actor=link.person_id),
        _feedback(site, link, asked),
        held_sessions(site, link, room_id, most=_SESSIONS, first=_SESSIONS),
    )
    if isinstance(report, Refusal):
        return desk_closed(request, link, report)
    if isinstance(feedback, Refusal):
        return desk_closed(request, link, feedback)
    session = next((each for each in sessions if each.session_id == asked.feedback.session_id), None)
    numbers = feedback if asked.feedback.session_id else report.feedback
    return _file("feedback.csv", feedback_csv(asked, numbers, feedback, session))


async def _feedback(site: Site, link: Link, asked: RoomReportRequest) -> FeedbackResult | Refusal:
    """Return the feedback that is asked for; raise HTTPException if the room has no such session."""
    found = await site.gateway.ask(asked.feedback, FeedbackResult, actor=link.person_id)
    if isinstance(found, Refusal) and found.code == "session-unknown":
        raise HTTPException(404)
    return found


def _file(name: str, content: str) -> Response:
    return Response(content, media_type="text/csv", headers={"content-disposition": f'attachment; filename="{name}"'})


ROUTES = [
    Route("/desk/{token}/report", show_report, methods=["GET"]),
    Route("/desk/{token}/report.csv", download, methods=["GET"]),
    Route("/desk/{token}/feedback.csv", download_feedback, methods=["GET"]),
]
